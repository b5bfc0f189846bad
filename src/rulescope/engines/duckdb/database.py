"""Plans on DuckDB: prelude, Python functions, limits, and what the compiler asks of a database.

Loading DuckDB, Arrow and the Python functions takes longer than many a plan that is printed only: they are imported
where they are called first.
"""

from __future__ import annotations

import math
import re
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from rulescope.engines.duckdb.watch import Watch
from rulescope.errors import ExecutionError, LimitError
from rulescope.system.deadline import Deadline
from rulescope.system.processes import check_ending

if TYPE_CHECKING:
    import duckdb

_CALLS = re.compile(r"\bspl_\w+", re.IGNORECASE)
_table_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one search: seconds of wall time, and rows of the result (0: no bound)."""

    seconds: float = 60.0
    rows: int = 100_000


class Database:
    """A connection that plans run on; it is the compiler's `Executor`.

    One is made for each search (it holds the search's temporary tables); `close` drops those and leaves the connection.
    `deadline` is the search's; without one, that of the last search which had one goes on to hold.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, deadline: Deadline | None = None) -> None:
        self.connection = connection
        self.deadline = bound_by(connection, deadline)
        self.statements: list[str] = []
        self._tables: list[str] = []
        self._accepted: dict[str, bool] = {}
        self._given_up: dict[str, set[int]] = {}

    def materialize(self, statement: exp.Select) -> str:
        """Runs the statement into a temporary table and gives its name."""
        name = f"_rs_rows_{next(_table_numbers)}"
        self._execute(f'CREATE TEMP TABLE "{name}" AS {self.text(statement)}')
        self._tables.append(name)
        return name

    def fetch(self, statement: exp.Select) -> list[tuple[Any, ...]]:
        """Runs the statement and gives its rows."""
        return self._execute(self.text(statement))

    def load(self, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> str:
        """Makes a temporary table of Python rows (column name to SQL type) and gives its name."""
        import pyarrow as arrow  # start-up

        name = f"_rs_rows_{next(_table_numbers)}"
        types = {
            "VARCHAR": arrow.string(),
            "DOUBLE": arrow.float64(),
            "BIGINT": arrow.int64(),
            "VARCHAR[]": arrow.list_(arrow.string()),
        }
        schema = arrow.schema([(column, types[kind]) for column, kind in columns.items()])
        arrays = []
        for index, field_type in enumerate(schema.types):
            self.deadline.check()
            arrays.append(arrow.array([row[index] for row in rows], type=field_type))
        view = f"{name}_arrow"
        self.connection.register(view, arrow.Table.from_arrays(arrays, schema=schema))
        try:
            self._execute(f'CREATE TEMP TABLE "{name}" AS SELECT * FROM "{view}"')
        finally:
            self.connection.unregister(view)
        self._tables.append(name)
        return name

    def accepts_regex(self, pattern: str) -> bool:
        """Whether RE2 takes the pattern."""
        import duckdb  # start-up

        known = self._accepted.get(pattern)
        if known is None:
            try:
                self.connection.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
                known = True
            except duckdb.Error:
                known = False
            self._accepted[pattern] = known
        return known

    def text(self, statement: exp.Expression) -> str:
        """The statement as DuckDB reads it; the Python functions it calls are made known on the way."""
        self.deadline.check()
        text = statement.sql(dialect="duckdb", normalize_functions=False, copy=False)
        register(self.connection, {name.lower() for name in _CALLS.findall(text)})
        self.statements.append(text)
        return text

    def given_up(self) -> dict[str, int]:
        """The regular expressions that reached the bound on the steps of a match, and on how many different values.

        An empty name stands for patterns that came out of events and are too many to tell apart.
        """
        return {pattern: len(values) for pattern, values in self._given_up.items()}

    def close(self) -> None:
        """Drops the temporary tables of the search."""
        import duckdb  # start-up

        for name in self._tables:
            try:
                self.connection.execute(f'DROP TABLE IF EXISTS "{name}"')
            except duckdb.Error:
                return
        self._tables.clear()

    def _execute(self, text: str) -> list[tuple[Any, ...]]:
        """Runs a statement to its last row: what is left of a result would be in the way of the next statement."""
        import duckdb  # start-up

        self.deadline.check()
        _states[self.connection].watch.given_up = self._given_up
        try:
            with _interrupted_at(self.deadline, self.connection):
                return self.connection.execute(text).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise LimitError("the search needs more memory than it may use") from error
        except duckdb.IOException as error:
            raise _no_room(error) from error
        except (duckdb.Error, RuntimeError) as error:
            check_ending()
            if self.deadline.passed:
                raise self.deadline.error() from error
            raise ExecutionError(f"the database could not run the plan: {_first_line(error)}") from error


_AGAIN = 0.2


@contextmanager
def _interrupted_at(deadline: Deadline, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupts what the connection runs once the time is up, and again until it has ended: an interrupt that comes
    just before a statement begins is forgotten."""
    if deadline.left == math.inf:
        yield
        return
    done = threading.Event()

    def watch() -> None:
        wait = max(deadline.left, 0.0)
        while not done.wait(wait):
            connection.interrupt()
            wait = _AGAIN

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _no_room(error: Exception) -> LimitError | ExecutionError:
    """What does not fit into memory goes to temporary files: here it could not."""
    found = _NO_ROOM.search(str(error))
    if found is None:
        return ExecutionError(f"the database could not run the plan: {_first_line(error)}")
    message = f"the search needs more memory than it may use, and temporary files have no room: {found[1].strip()}"
    return LimitError(message, hint="name a folder with more room in the environment variable TMPDIR")


_NO_ROOM = re.compile(r"Could not write file [^\n]*rulescope-[^\n]*: ([^\n:]+)")


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


@lru_cache(maxsize=1)
def prelude() -> str:
    """The macros that plans call."""
    return (files("rulescope.engines.duckdb") / "prelude.sql").read_text(encoding="utf-8")


@dataclass(slots=True)
class _State:
    """What is kept of a connection: the functions it has, and what they watch."""

    functions: set[str] = field(default_factory=set)
    watch: Watch = field(default_factory=Watch)


_states: weakref.WeakKeyDictionary[duckdb.DuckDBPyConnection, _State] = weakref.WeakKeyDictionary()


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the macros of plans known to a connection, once."""
    if connection not in _states:
        connection.execute(prelude())
        _states[connection] = _State()


def bound_by(connection: duckdb.DuckDBPyConnection, deadline: Deadline | None = None) -> Deadline:
    """Binds all that searches do on a connection to a deadline, until there is another; gives the one that holds."""
    prepare(connection)
    watch = _states[connection].watch
    if deadline is not None:
        watch.deadline = deadline
    return watch.deadline


def register(connection: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    """Makes Python functions known to a connection, those among `names` (in lower case) that are not yet."""
    state = _states[connection]
    names = names - state.functions
    if not names:
        return
    from rulescope.engines.duckdb.functions import PYTHON_FUNCTIONS  # start-up

    wanted = [PYTHON_FUNCTIONS[name] for name in sorted(names) if name in PYTHON_FUNCTIONS]
    if not wanted:
        state.functions |= names
        return
    from duckdb.func import FunctionNullHandling, PythonUDFType  # start-up

    from rulescope.engines.duckdb.arrow import vectorised  # start-up

    for function in wanted:
        connection.create_function(
            function.name,
            vectorised(function, state.watch),
            list(function.parameters),
            function.returns,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
    state.functions |= names
