"""Rows of several queries together. Facts: Kusto, "join operator", "union operator"; Snowflake, "JOIN", "Set
operators"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.names import column_of
from rulescope.engines.reference.interpreter import Reading, refused_stage
from rulescope.engines.reference.meaning import SNOWFLAKE, TABLES
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.tables.rows import distinct
from rulescope.engines.reference.values import Row
from rulescope.errors import Refusal
from rulescope.ir import stages

_BOTH = {"inner": (False, False), "innerunique": (False, False), "leftouter": (True, False),
         "rightouter": (False, True), "fullouter": (True, True)}  # fmt: skip
"""Whether rows of the left, and of the right side stay that have no match."""
_ONE = {"leftsemi": ("left", True), "leftanti": ("left", False), "anti": ("left", False),
        "rightsemi": ("right", True), "rightanti": ("right", False)}  # fmt: skip
"""Of which side rows stay: those with a match, or without."""


@TABLES.stage(stages.Join)
def joined(stage: stages.Join, table: RowTable, reading: Reading) -> RowTable:
    """The rows of both sides that agree in the columns; null agrees with nothing."""
    how = stage.how or "innerunique"
    other = reading.run(stage.pipeline)
    named = stage.fields or tuple((name, name) for name in table.columns if name in other.columns)
    pairs = [(_key(left, reading, stage), _key(right, reading.over(other), stage)) for left, right in named]
    if how in _ONE:
        side, wanted = _ONE[how]
        if side == "left":
            return table.keep(lambda row: any(_agree(row, one, pairs) for one in other.rows) is wanted)
        return other.keep(lambda row: any(_agree(one, row, pairs) for one in table.rows) is wanted)
    if how not in _BOTH:
        raise refused_stage(stage, f"the kind '{how}'")
    if how == "innerunique":
        table = _first_of_each_key(table, [left for left, _ in pairs])
    found = _side_by_side(how, stage.right, table, other, reading, lambda row, one: _agree(row, one, pairs))
    if not stage.keys_once:
        return found
    shown = _names_beside(stage.right, table, other, reading)
    for row in found.rows:
        for left, right in pairs:
            if row.get(left) is None and shown[right] in row:
                row[left] = row[shown[right]]
    twice = {shown[right] for _, right in pairs}
    keep_left, keep_right = _BOTH[how]
    for left, right in pairs:
        # The one key has a value where a side has no row: that side's own is told by none.
        found.aliases[f"{stage.right}.{right}"] = "" if keep_left else left
        if keep_right:
            found.aliases[f"*.{left}"] = ""
    found.columns = {name: kind for name, kind in found.columns.items() if name not in twice}
    return found.with_rows({name: value for name, value in row.items() if name not in twice} for row in found.rows)


def _key(name: str, reading: Reading, stage: stages.Join) -> str:
    bare = name.removeprefix(f"{stage.right}.") if stage.right else name
    found = column_of(name, reading) or column_of(bare, reading)
    if found is None:
        raise Refusal(f"there is no column '{name}' here", span=stage.span, code="RUN044")
    return found


def _agree(left: Row, right: Row, pairs: Sequence[tuple[str, str]]) -> bool:
    values = [(left.get(one), right.get(other)) for one, other in pairs]
    return all(one is not None and one == other for one, other in values)


def _first_of_each_key(table: RowTable, names: Sequence[str]) -> RowTable:
    seen: list[list[Any]] = []
    rows: list[Row] = []
    for row in table.rows:
        key = [row.get(name) for name in names]
        if key not in seen:
            seen.append(key)
            rows.append(row)
    return table.with_rows(rows)


@SNOWFLAKE.command("join")
def joined_on(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """A join by any condition, or of all rows with all rows."""
    first, *options = stage.arguments
    given = {one.name: one.value for one in options}
    condition, alias = given.pop("on", None), given.pop("as", None)
    how = "inner" if first.name == "cross" else first.name or ""
    if given or how not in _BOTH or not isinstance(first.value, ir.Pipeline):
        raise refused_stage(stage, f"the kind '{first.name}'")
    right = alias if isinstance(alias, str) else None
    other = reading.run(first.value)
    if condition is None:
        return _side_by_side(how, right, table, other, reading, lambda row, one: True)
    shown = _names_beside(right, table, other, reading)
    both = reading.over(_columns_beside(right, table, other, shown))
    predicate = ir.Test(condition, stage.span)  # type: ignore[arg-type]

    def meets(row: Row, one: Row) -> bool:
        beside = {shown[name]: value for name, value in one.items()}
        return both.holds(predicate, row | beside) is True

    return _side_by_side(how, right, table, other, reading, meets)


def _columns_beside(right: str | None, table: RowTable, other: RowTable, shown: dict[str, str]) -> RowTable:
    """The columns of both sides, without rows."""
    found = RowTable([], {**table.columns, **{shown[name]: kind for name, kind in other.columns.items()}})
    found.aliases = dict(table.aliases)
    if right:
        found.aliases |= {f"{right}.{name}": shown[name] for name in other.columns}
    return found


def _side_by_side(
    how: str, right: str | None, table: RowTable, other: RowTable, reading: Reading, meets: Callable[[Row, Row], bool]
) -> RowTable:
    keep_left, keep_right = _BOTH[how]
    shown = _names_beside(right, table, other, reading)
    found = _columns_beside(right, table, other, shown)
    matched: set[int] = set()
    for row in table.rows:
        agreeing = [place for place, one in enumerate(other.rows) if meets(row, one)]
        matched.update(agreeing)
        for place in agreeing:
            found.rows.append(row | {shown[name]: value for name, value in other.rows[place].items()})
        if not agreeing and keep_left:
            found.rows.append(row | _nothing(shown, other, reading))
    if keep_right:
        lacking = _nothing({name: name for name in table.columns}, table, reading)
        for place, one in enumerate(other.rows):
            if place not in matched:
                found.rows.append(lacking | {shown[name]: value for name, value in one.items()})
    return found


def _names_beside(right: str | None, table: RowTable, other: RowTable, reading: Reading) -> dict[str, str]:
    """What the columns of the right side are called beside those of the left."""
    taken = set(table.columns)
    shown: dict[str, str] = {}
    for name in other.columns:
        target, count = name, 0
        while target in taken:
            count += 1
            target = f"{name}{count}" if reading.meaning.numbered_columns else f"{right or 'right'}.{name}"
        shown[name] = target
        taken.add(target)
    return shown


def _nothing(shown: dict[str, str], table: RowTable, reading: Reading) -> Row:
    """What the columns of a side hold that has no row: in Kusto, the empty text where they are texts."""
    if not reading.meaning.empty_text:
        return {}
    return {shown[name]: "" for name, kind in table.columns.items() if kind == "string"}


@TABLES.stage(stages.Union)
def together(stage: stages.Union, table: RowTable, reading: Reading) -> RowTable:
    """The rows so far, where there are columns, and those of all queries."""
    options = {name: value for name, value in stage.options if name not in ("isfuzzy",)}
    source = options.pop("withsource", None)
    if stage.names or options or (source is not None and table.columns):
        raise refused_stage(stage, "options or tables that are not known")
    parts = [table] if table.columns else []
    for number, one in enumerate(stage.pipelines):
        part = reading.run(one)
        if source is not None:
            first = one.stages[0]
            alone = len(one.stages) == 1 and isinstance(first, stages.TableRows)
            told = first.name if isinstance(first, stages.TableRows) and alone else f"union_arg{number}"
            last = one.stages[-1]
            if isinstance(last, stages.Command) and last.name == "as":
                called = last.option("name")
                told = called.name if isinstance(called, ir.FieldReference) else told
            part = RowTable([{source: told, **row} for row in part.rows], {source: "string", **part.columns})
        parts.append(part)
    if reading.meaning.union_by_place:
        if len({len(part.columns) for part in parts}) > 1:
            raise refused_stage(stage, "different numbers of columns")
        parts = [parts[0], *(_by_place(part, parts[0]) for part in parts[1:])]
    columns = {name: kind for part in reversed(parts) for name, kind in part.columns.items()}
    order = dict.fromkeys(name for part in parts for name in part.columns)
    if any(part.columns.get(name, columns[name]) != columns[name] for part in parts for name in columns):
        raise refused_stage(stage, "columns of one name and two kinds")
    found = RowTable([], {name: columns[name] for name in order})
    for part in parts:
        lacking = RowTable([], {name: kind for name, kind in found.columns.items() if name not in part.columns})
        empty = _nothing({name: name for name in lacking.columns}, lacking, reading)
        found.rows += [{**empty, **row} for row in part.rows]
    return found


def _by_place(part: RowTable, first: RowTable) -> RowTable:
    names = dict(zip(part.columns, first.columns, strict=True))
    kinds = dict(zip(names.values(), part.columns.values(), strict=True))
    return RowTable([{names[name]: value for name, value in row.items()} for row in part.rows], kinds)


@SNOWFLAKE.stage(stages.SetOperation)
def compared_rows(stage: stages.SetOperation, table: RowTable, reading: Reading) -> RowTable:
    """INTERSECT and EXCEPT: each row once, NULL being the same as NULL."""
    first, second = (reading.run(one) for one in stage.pipelines)
    others = _by_place(second, first).rows
    wanted = stage.operation != "diff"
    return distinct(first.keep(lambda row: (row in others) is wanted))
