"""What the tables of a Kusto or SQL rule are over logs: each becomes the rows of its events, with its own columns.

Events that tell no log they are from (rows of a CSV file, JSON of no known shape) are taken in by every table, as they
are by Sigma's log sources, unless a column `Type` says which table they were exported from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from rulescope import ir
from rulescope.engines.sql.context import words_of
from rulescope.errors import Refusal
from rulescope.hunt.log_conditions import of_log, unlabelled
from rulescope.ir import stages
from rulescope.ir.walk import transform, walk
from rulescope.knowledge.log_tables import LogTable, log_tables
from rulescope.text import Span, nearest_name

FindTable = Callable[[str, str], LogTable | None]
"""A table by language and name."""

_NO_TABLE = "RUN046"
_TYPE = "Type"


def bind_tables(pipeline: ir.Pipeline, language: str, find: FindTable | None = None) -> ir.Pipeline:
    """The pipeline with each table that it names put as the rows of its events.

    A table that no log is known to hold is bound as an unknown one. Raises `Refusal`, with the place, for one whose
    name is nearly that of a known table, and for all tables of a database; a union that says `isfuzzy` goes on without
    those that are not known, as it does where a table is not there.
    """
    binder = _Binder(language, find or log_tables().find, words_of(pipeline))
    bound: ir.Pipeline = transform(pipeline, binder.change)
    return bound


def check_tables(pipeline: ir.Pipeline) -> None:
    """Raises `Refusal` for an unknown table, as one must where some events tell their log: none of them may be a row of
    it."""
    for node in walk(pipeline):
        if isinstance(node, stages.TableRows) and node.unknown:
            raise _no_table(f"the table '{node.name}'", node.span)


def _no_table(what: str, span: Span, hint: str | None = None) -> Refusal:
    message = f"{what} is not one that logs are known to hold"
    return Refusal(message, span=span, stage="source", code=_NO_TABLE, hint=hint)


class _Binder:
    def __init__(self, language: str, find: FindTable, words: Iterable[str]) -> None:
        self.language = language
        self.find = find
        self.words = frozenset(words)

    def change(self, node: object) -> object:
        if isinstance(node, stages.Union):
            return self.union(node)
        if isinstance(node, ir.Pipeline):
            return self.pipeline(node)
        return node

    def pipeline(self, pipeline: ir.Pipeline) -> ir.Pipeline:
        """The pipeline; one that does not begin with a table makes its rows itself."""
        if not pipeline.stages:
            return pipeline
        first, *rest = pipeline.stages
        if not isinstance(first, stages.Origin):
            return pipeline if isinstance(first, stages.TableRows) else replace(pipeline, generating=True)
        # The column that says which table a row is from, where the stage asks for one.
        asked = tuple(("withsource", name) for name in first.metadata)
        if len(first.names) == 1 and not asked:
            return replace(pipeline, stages=(self.rows(first.names[0], first.span, first.text), *rest))
        parts = self.pipelines(first.names, first.span)
        union = stages.Union(pipelines=parts, options=asked, text=first.text, span=first.span)
        return replace(pipeline, stages=(union, *rest), generating=True)

    def union(self, stage: stages.Union) -> stages.Union:
        """The union with its tables as pipelines."""
        if not stage.names:
            return stage
        fuzzy = dict(stage.options).get("isfuzzy", "").lower() == "true"
        return replace(stage, names=(), pipelines=(*self.pipelines(stage.names, stage.span, fuzzy), *stage.pipelines))

    def pipelines(self, names: Iterable[str], span: Span, fuzzy: bool = False) -> tuple[ir.Pipeline, ...]:
        found: list[ir.Pipeline] = []
        missing: Refusal | None = None
        for name in names:
            try:
                rows = self.rows(name, span, name)
                if fuzzy and rows.unknown:
                    raise _no_table(f"the table '{name}'", span)
                found.append(ir.Pipeline((rows,), span=span))
            except Refusal as error:
                if not fuzzy:
                    raise
                missing = error
        if not found and missing is not None:
            raise missing
        return tuple(found)

    def rows(self, name: str, span: Span, text: str) -> stages.TableRows:
        table = self.find(self.language, name)
        if table is None:
            near = nearest_name(name, log_tables().names(self.language))
            if name != "*" and near is None:
                return stages.TableRows(name=name, predicate=_exported(name), unknown=True, text=text, span=span)
            what = "every table" if name == "*" else f"the table '{name}'"
            raise _no_table(what, span, f"did you mean '{near}'?" if near else None)
        columns = tuple(
            stages.TableColumn(one.name, one.kind, one.rules, one.values)
            for one in table.columns_for(sorted(self.words))
        )
        return stages.TableRows(
            name=table.name, predicate=table_condition(table), columns=columns, text=text, span=span
        )


def table_condition(table: LogTable) -> ir.Predicate:
    """Which events are rows of the table."""
    return ir.Or((*(of_log(member.log, member.event_ids) for member in table.members), _exported(table.name)))


def _exported(name: str) -> ir.Predicate:
    """Events that tell no log they are from, and no other table."""
    own = ir.Or((ir.Compare(_TYPE, "missing", missing="true"), ir.Compare(_TYPE, "eq", (name,))))
    return ir.And((unlabelled(of_any_source=True), own))
