"""The chain of CTEs that a pipeline becomes: one a stage, each with only the columns that something after it reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from sqlglot import exp

from rulescope.engines.sql.build import alias, all_of, column
from rulescope.engines.sql.schema import EVENT, ROW, Column, Schema, free_name
from rulescope.engines.sql.values import NULL_VALUE, Value, storable, stored

NO_VALUE = storable(NULL_VALUE)
"""What a field holds that no row has."""


@dataclass(slots=True)
class Cte:
    """One relation of a program before it is printed.

    `columns` maps each physical column to its expression, or None where it is passed on by name. `body` is the rest of
    the query (FROM, WHERE, GROUP BY …); its projections are put in when the program is assembled. A union has `parts`
    instead: queries of their own, whose projections are given already. `stage` is the label of the stage it
    belongs to.
    """

    name: str
    columns: dict[str, exp.Expression | None]
    body: exp.Select
    stage: str
    parts: list[tuple[str, dict[str, exp.Expression | None]]] = field(default_factory=list)
    distinct: bool = False


@dataclass(slots=True)
class Program:
    """The CTEs of one statement, in order, and the names in use."""

    ctes: dict[str, Cte] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def name(self, wanted: str) -> str:
        """A relation name that is not in use yet."""
        return free_name(wanted, self.used)

    def add(self, cte: Cte) -> None:
        """Puts a CTE at the end."""
        self.ctes[cte.name] = cte

    def assemble(self, final: exp.Select) -> exp.Select:
        """`final` with the CTEs it depends on in front, each cut down to the columns that are read."""
        needs: dict[str, set[str]] = {}
        _collect(final, needs)
        kept: list[tuple[str, exp.Expression]] = []
        for name in reversed(self.ctes):
            if name not in needs:
                continue
            query = _query(self.ctes[name], needs[name])
            _collect(query, needs)
            kept.append((name, query))
        statement = final.copy()
        if kept:
            expressions = [
                exp.CTE(
                    this=query,
                    alias=exp.TableAlias(this=exp.to_identifier(name, quoted=True)),
                )
                for name, query in reversed(kept)
            ]
            statement.set("with_", exp.With(expressions=expressions))
        return statement


def _query(cte: Cte, needed: set[str]) -> exp.Expression:
    names = [name for name in cte.columns if name in needed]
    if cte.parts:
        selects = [
            exp.Select(expressions=[_projection(name, columns.get(name)) for name in names] or [_one()]).from_(
                _table(relation)
            )
            for relation, columns in cte.parts
        ]
        union: exp.Expression = selects[0]
        for select in selects[1:]:
            union = exp.Union(this=union, expression=select, distinct=False)
        return union
    projections = [_projection(name, cte.columns[name]) for name in names]
    query = cte.body.copy()
    query.set("expressions", projections or [_one()])
    return query


def _one() -> exp.Expression:
    """What a query gives of which nobody reads a column."""
    return alias(exp.Literal.number(1), "_one")


def _projection(name: str, node: exp.Expression | None) -> exp.Expression:
    if node is None:
        return column(name)
    if isinstance(node, exp.Column) and node.name == name and not node.table:
        return node.copy()
    return alias(node.copy(), name)


def _table(relation: str) -> exp.Table:
    return exp.Table(this=exp.to_identifier(relation, quoted=True))


def _collect(query: exp.Expression, needs: dict[str, set[str]]) -> None:
    """Adds to `needs` the columns that a query reads, by relation; an unqualified one counts for each relation."""
    relations: dict[str, str] = {}
    for table in query.find_all(exp.Table):
        relations[table.alias_or_name] = table.name
    names: dict[str | None, set[str]] = {}
    for found in query.find_all(exp.Column):
        names.setdefault(found.table or None, set()).add(found.name)
    unqualified = names.get(None, set())
    for name, relation in relations.items():
        needs.setdefault(relation, set()).update(unqualified, names.get(name, set()))


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows at one point of a pipeline: the relation that holds them, and what its columns mean.

    `events` tells that the rows are still events: nothing grouped or reshaped them yet.
    """

    program: Program
    relation: str
    schema: Schema
    stage: str = ""
    events: bool = False
    bindings: Mapping[str, Value] = field(default_factory=dict)

    def value(self, name: str) -> Value | None:
        """The field as a value, or None where no row has it."""
        if name in self.bindings:
            return self.bindings[name]
        found = self.schema.get(name)
        return found.value() if found is not None else None

    def binding(self, name: str, value: Value) -> Self:
        """The same rows, with a field standing for `value` in the expressions compiled over them."""
        return replace(self, bindings={**self.bindings, name: value})

    def at(self, stage: str) -> Self:
        """The same rows, the next CTEs named after `stage`."""
        return type(self)(self.program, self.relation, self.schema, stage, self.events)

    def event_number(self) -> exp.Column:
        """What tells events apart in the input."""
        return column(self.schema.hidden[EVENT].physical if EVENT in self.schema.hidden else ROW)

    def source(self) -> exp.Select:
        """`SELECT … FROM` this relation, without projections."""
        return exp.Select().from_(_table(self.relation))

    def passed(self) -> dict[str, exp.Expression | None]:
        """Every column of the frame, passed on by name."""
        columns = [*self.schema.fields.values(), *self.schema.hidden.values()]
        return {ROW: None, **{entry.physical: None for entry in columns}}

    def then(
        self,
        columns: Mapping[str, exp.Expression | None],
        schema: Schema | None = None,
        body: exp.Select | None = None,
        events: bool | None = None,
    ) -> Self:
        """The frame after one more CTE."""
        name = self.program.name(self.stage or "rows")
        self.program.add(Cte(name, dict(columns), body if body is not None else self.source(), self.stage))
        return type(self)(
            self.program,
            name,
            schema if schema is not None else self.schema,
            self.stage,
            self.events if events is None else events,
        )

    def filter(self, *conditions: exp.Expression) -> Self:
        """The rows for which all conditions are true."""
        if not conditions:
            return self.then(self.passed())
        return self.then(self.passed(), body=self.source().where(all_of(conditions)))

    def qualify(self, condition: exp.Expression) -> Self:
        """The rows for which a condition over windows is true."""
        body = self.source()
        body.set("qualify", exp.Qualify(this=condition))
        return self.then(self.passed(), body=body)

    def reorder(self, order: Sequence[exp.Expression]) -> Self:
        """The rows renumbered in the given order (`exp.Ordered` nodes); ties keep the order they had."""
        return self.then({**self.passed(), ROW: row_number(order)})

    def assign(self, values: Mapping[str, Value]) -> Self:
        """The rows with fields set, all computed from the rows as they are here."""
        columns = self.passed()
        fields = dict(self.schema.fields)
        used = self.schema.physical_names()
        for name, given in values.items():
            value = stored(given)
            before = fields.get(name)
            if before is not None:
                physical = before.physical
            else:
                physical = free_name(name, used)
            columns[physical] = value.node
            fields[name] = Column(physical, value.type, value.mixed)
        return self.then(columns, self.schema.with_fields(fields))

    def choose(self, names: Sequence[str]) -> Self:
        """Only the fields named, in that order; the hidden columns stay. A name no row has becomes an empty field."""
        missing = {name: NO_VALUE for name in names if name not in self.schema.fields}
        frame = self.assign(missing) if missing else self
        schema = frame.schema.with_fields({name: frame.schema.fields[name] for name in names})
        if missing:
            return type(self)(self.program, frame.relation, schema, self.stage, self.events)
        return self.then(self.passed(), schema)


def row_number(order: Sequence[exp.Expression], *, then_row: bool = True) -> exp.Expression:
    """`row_number() OVER (ORDER BY …, _row)`."""
    keys = [key.copy() for key in order]
    if then_row:
        keys.append(exp.Ordered(this=column(ROW)))
    return exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=keys))


def ordered(node: exp.Expression, *, descending: bool = False, nulls_first: bool = False) -> exp.Ordered:
    """A sort key; missing values come last unless told otherwise."""
    return exp.Ordered(this=node, desc=descending, nulls_first=nulls_first)
