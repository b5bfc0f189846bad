"""`lookup`: fields from a table by key.

Facts: Splunk, Search Reference, "lookup", "inputlookup"; Knowledge Manager Manual, "Add field matching rules to your
lookup configuration": matches come in file order, `min_matches` and `default_match`, case, WILDCARD and CIDR.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import all_of, call, column, integer, literal, sql
from rulescope.engines.sql.context import Context, LookupTable
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import NO_VALUE, Frame
from rulescope.engines.sql.matching import like
from rulescope.engines.sql.schema import ROW, Column, Schema, free_name
from rulescope.engines.sql.stages.merging import literal_frame
from rulescope.engines.sql.values import Type, Value, as_text, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_KEYS, _TABLE, _ROWS, _FOUND = "_rs_keys", "_rs_table", "_rs_rows", "_rs_found"
_MATCHES = "_rs_matches"
_SHANNON = "ut_shannon_lookup"
_MOST_WITHOUT_DATA = 2_000
"""Rows of a table that a plan without a database may hold as text."""
_NETWORK_LOOKUPS = {"dnslookup": ("clienthost", "clientip")}
"""Lookups that Splunk ships as scripts (transforms.conf), and their fields."""


def find_table(name: str, context: Context, stage: ir.Stage) -> LookupTable:
    """The lookup table of that name; a refusal where none is given."""
    table = context.lookups.table(name) if context.lookups is not None else None
    if table is None:
        raise Refusal(
            f"there is no lookup table '{name}'",
            span=stage.span,
            code="RUN018",
            hint="give the folder of its CSV file with --lookups; a definition beside it (transforms.conf, or YAML as"
            " in security_content) says how it matches",
        )
    if len(table.rows) > _MOST_WITHOUT_DATA and context.executor is None:
        context.need_data(stage, f"the lookup table '{name}' has {len(table.rows)} rows")
    if not table.rows:
        context.note("RUN108", f"the lookup table '{name}' is empty: nothing is found in it", stage.span)
    for problem in table.problems:
        context.note("RUN122", f"the lookup table '{name}' has {problem}", stage.span)
    return table


def _unanswered(stage: stages.Lookup, frame: Frame, context: Context) -> Frame:
    """The fields of a lookup that would ask the network: nobody is asked, they have no values, and that is reported."""
    context.note("RUN104", f"'{stage.name}' would ask the network: its fields are left empty", stage.span)
    keys = {pair.event_field for pair in stage.keys}
    names = [pair.event_field for pair in stage.outputs] or list(_NETWORK_LOOKUPS[stage.name])
    missing = [name for name in names if name not in frame.schema.fields and name not in keys]
    return frame.assign(dict.fromkeys(missing, NO_VALUE)) if missing else frame.then(frame.passed())


@dataclass(frozen=True, slots=True)
class _Key:
    """One key: its field in the events, its column in the table, and how the two compare."""

    value: Value
    index: int
    match: str
    case_sensitive: bool


@compiles(stages.Lookup)
def compile_lookup(stage: stages.Lookup, frame: Frame, context: Context) -> Frame:
    """The rows with fields of the table's rows whose keys all match; several matches give several values."""
    if stage.macro_arguments:
        raise Refusal("the name of the lookup is a macro without a definition", span=stage.span, code="RUN014")
    if stage.name in _NETWORK_LOOKUPS and (context.lookups is None or context.lookups.table(stage.name) is None):
        return _unanswered(stage, frame, context)
    if stage.name == _SHANNON and (context.lookups is None or context.lookups.table(_SHANNON) is None):
        return _entropy(stage, frame)
    table = find_table(stage.name, context, stage)
    if table.doubts and stage.keys:
        raise Refusal(
            f"how the lookup '{stage.name}' matches is not certain: {table.doubts[0]}",
            span=stage.span,
            code="RUN121",
            hint="mend its definition",
        )
    if not table.defined and stage.keys:
        context.note(
            "RUN121",
            f"how the lookup '{stage.name}' matches is not known: its table is matched exactly, and with case",
            stage.span,
            hint="put its definition beside the table: transforms.conf, or YAML as in security_content",
        )
    positions = {name: index for index, name in enumerate(table.columns)}
    missing = [pair.lookup_field for pair in (*stage.keys, *stage.outputs) if pair.lookup_field not in positions]
    if missing:
        raise Refusal(
            f"the lookup table '{stage.name}' has no column '{missing[0]}'",
            span=stage.span,
            code="RUN019",
            hint=f"it has {', '.join(table.columns[:20])}",
        )
    key_names = {pair.lookup_field for pair in stage.keys}
    outputs = [(pair.lookup_field, pair.event_field) for pair in stage.outputs] or [
        (name, name) for name in table.columns if name not in key_names
    ]
    keys = []
    for pair in stage.keys:
        value = frame.value(pair.event_field)
        if value is None:
            # No row has the key: nothing is looked up, and the fields come to be without values.
            return frame.assign({name: NO_VALUE for _, name in outputs if name not in frame.schema.fields})
        keys.append(
            _Key(
                value,
                positions[pair.lookup_field],
                table.match_types.get(pair.lookup_field, "EXACT").upper(),
                table.case_sensitive,
            )
        )
    if not outputs:
        return frame.then(frame.passed())
    found = _matches(frame, table, keys, [positions[name] for name, _ in outputs], context)
    return _joined(stage, frame, table, keys, [name for _, name in outputs], found)


def _entropy(stage: stages.Lookup, frame: Frame) -> Frame:
    """The Shannon entropy of a word, in bits a character: what URL Toolbox's scripted lookup of that name gives."""
    word = next((pair.event_field for pair in stage.keys if pair.lookup_field == "word"), None)
    if word is None:
        raise Refusal(f"{_SHANNON} needs the field 'word'", span=stage.span, code="RUN019")
    target = next((pair.event_field for pair in stage.outputs if pair.lookup_field == "ut_shannon"), "ut_shannon")
    value = frame.value(word)
    if value is None:
        return frame.assign({} if target in frame.schema.fields else {target: NO_VALUE})
    return frame.assign({target: number_value(call("spl_shannon", as_text(value)))})


def _matches(frame: Frame, table: LookupTable, keys: Sequence[_Key], outputs: Sequence[int], context: Context) -> Frame:
    """A row for each combination of key values among the events that matches: the keys, the outputs, and how many."""
    label = frame.stage
    names = [f"k{index}" for index in range(len(keys))]
    distinct = frame.at(f"{label}_keys").then(
        {ROW: integer(0), **{name: key.value.node for name, key in zip(names, keys, strict=True)}},
        Schema({name: Column(name, key.value.type) for name, key in zip(names, keys, strict=True)}, {}),
        frame.source().where(all_of([sql("(:x IS NOT NULL)", x=key.value.node) for key in keys])).distinct(),
        events=False,
    )
    entries = _table_frame(frame, table, keys, outputs, context, f"{label}_table")
    conditions = [_condition(key, names[index], index) for index, key in enumerate(keys)]
    single = _at_most_one(table, keys)
    columns: dict[str, exp.Expression | None] = {ROW: integer(0), _MATCHES: sql("count(*)")}
    fields: dict[str, Column] = {}
    for name, key in zip(names, keys, strict=True):
        columns[name] = column(name, _KEYS)
        fields[name] = Column(name, key.value.type)
    for position in range(len(outputs)):
        name = f"o{position}"
        items = call(
            "list",
            exp.Order(this=column(name, _TABLE), expressions=[exp.Ordered(this=column(ROW, _TABLE))]),
        )
        if single or table.max_matches == 1:
            columns[name] = sql("list_extract(:x, 1)", x=items)
            fields[name] = Column(name, Type.AUTO)
        else:
            sliced = sql(
                "spl_filled(list_filter(list_slice(:x, 1, :n), lambda v: v IS NOT NULL))",
                x=items,
                n=integer(table.max_matches),
            )
            columns[name] = sliced
            fields[name] = Column(name, Type.MULTI)
    body = (
        exp.Select()
        .from_(_named(distinct, _KEYS))
        .join(_named(entries, _TABLE), on=all_of(conditions), join_type="inner")
        .group_by(*[column(name, _KEYS) for name in names])
    )
    return frame.at(f"{label}_matches").then(columns, Schema(fields, {}), body, events=False)


def _named(frame: Frame, alias: str) -> exp.Expr:
    return exp.alias_(exp.Table(this=exp.to_identifier(frame.relation, quoted=True)), alias, table=True, quoted=True)


def _table_frame(
    frame: Frame, table: LookupTable, keys: Sequence[_Key], outputs: Sequence[int], context: Context, label: str
) -> Frame:
    """The table as a relation: key columns in the form that they are compared in, and the columns to put out."""
    columns: list[tuple[str, Type]] = []
    for index, key in enumerate(keys):
        columns.append((f"t{index}", Type.AUTO))
        if key.match == "CIDR":
            columns.append((f"u{index}", Type.AUTO))
    columns += [(f"o{position}", Type.AUTO) for position in range(len(outputs))]
    rows = []
    for row in table.rows:
        cells: list[str | None] = []
        for key in keys:
            cells += _key_cells(row[key.index], key)
        if None in cells:
            continue
        rows.append([*cells, *(row[index] or None for index in outputs)])
    return literal_frame(frame.program, columns, rows, label, context)


def _key_cells(cell: str | None, key: _Key) -> list[str | None]:
    if not cell:
        return [None, None] if key.match == "CIDR" else [None]
    if key.match == "CIDR":
        try:
            network = ipaddress.ip_network(cell.strip(), strict=False)
        except ValueError:
            return [None, None]
        first, last = int(network.network_address), int(network.broadcast_address)
        return [f"{network.version}{first:039d}", f"{network.version}{last:039d}"]
    text = cell if key.case_sensitive else cell.lower()
    if key.match == "WILDCARD":
        text = re.sub(r"([%_\\])", r"\\\1", text).replace("*", "%")
    return [text]


def _condition(key: _Key, name: str, index: int) -> exp.Expression:
    """Whether the event's key matches the table's; of a multivalue one any value."""
    if key.value.type is Type.MULTI:
        inner = _one(key, column("v"), index)
        return sql(
            "list_bool_or(list_transform(:x, :f))",
            x=column(name, _KEYS),
            f=exp.Lambda(this=inner, expressions=[exp.to_identifier("v", quoted=True)]),
        )
    value = Value(column(name, _KEYS), key.value.type, mixed=key.value.mixed)
    return _one(key, as_text(value), index)


def _one(key: _Key, text: exp.Expression, index: int) -> exp.Expression:
    entry = column(f"t{index}", _TABLE)
    if key.match == "CIDR":
        return sql("(:k BETWEEN :a AND :b)", k=call("spl_ip_key", text), a=entry, b=column(f"u{index}", _TABLE))
    subject = text if key.case_sensitive else exp.Lower(this=text)
    if key.match == "WILDCARD":
        return like(subject, entry)
    return sql("(:x = :y)", x=subject, y=entry)


def _at_most_one(table: LookupTable, keys: Sequence[_Key]) -> bool:
    """Whether no event can match two rows: then the outputs are single values."""
    if any(key.match != "EXACT" or key.value.type is Type.MULTI for key in keys):
        return False
    seen = set()
    for row in table.rows:
        cells = tuple((row[key.index] or "") if key.case_sensitive else (row[key.index] or "").lower() for key in keys)
        if cells in seen:
            return False
        seen.add(cells)
    return True


def _joined(
    stage: stages.Lookup, frame: Frame, table: LookupTable, keys: Sequence[_Key], names: Sequence[str], found: Frame
) -> Frame:
    """The rows beside their matches. OUTPUT replaces what the fields held, OUTPUTNEW fills what they lack."""
    conditions = [
        sql("(:a = :b)", a=_of_rows(key.value.node), b=column(f"k{index}", _FOUND)) for index, key in enumerate(keys)
    ]
    columns: dict[str, exp.Expression | None] = {name: column(name, _ROWS) for name in frame.passed()}
    fields = dict(frame.schema.fields)
    used = frame.schema.physical_names()
    looked_up = all_of([sql("(:x IS NOT NULL)", x=_of_rows(key.value.node)) for key in keys])
    for position, name in enumerate(names):
        result = _with_default(found.schema.fields[f"o{position}"].value(_FOUND), table, looked_up)
        before = frame.schema.fields.get(name)
        if before is None:
            physical = free_name(name, used)
            columns[physical] = result.node
            fields[name] = Column(physical, result.type)
            continue
        kind = Type.MULTI if Type.MULTI in {before.type, result.type} else Type.AUTO
        held, new = _as(before.value(_ROWS), kind), _as(result, kind)
        if stage.output_new:
            node: exp.Expression = exp.Coalesce(this=held, expressions=[new])
        else:
            node = sql("CASE WHEN :c THEN :n ELSE :h END", c=looked_up, n=new, h=held)
        columns[before.physical] = node
        fields[name] = Column(before.physical, kind, before.mixed or before.type is Type.NUMBER)
    body = exp.Select().from_(_named(frame, _ROWS)).join(_named(found, _FOUND), on=all_of(conditions), join_type="left")
    return frame.then(columns, frame.schema.with_fields(fields), body)


def _of_rows(node: exp.Expression) -> exp.Expression:
    """An expression over the rows, its columns named as those of the join's left side."""
    return node.transform(lambda part: column(part.name, _ROWS) if isinstance(part, exp.Column) else part)


def _with_default(result: Value, table: LookupTable, looked_up: exp.Expression) -> Value:
    """The matches, filled up with the default value to `min_matches`."""
    if table.default_match is None or table.min_matches < 1:
        return result
    count = sql("COALESCE(:n, 0)", n=column(_MATCHES, _FOUND))
    template = "CASE WHEN :c = 0 AND :l THEN :d ELSE :x END"
    if result.type is not Type.MULTI:
        return Value(
            sql(
                "CASE WHEN :c = 0 AND :l THEN :d ELSE :x END",
                c=count,
                l=looked_up,
                d=table.default_match,
                x=result.node,
            ),
            Type.AUTO,
        )
    default = exp.cast(exp.Array(expressions=[literal(table.default_match)] * min(table.min_matches, 100)), "VARCHAR[]")
    return Value(sql(template, c=count, l=looked_up, d=default, x=result.node), Type.MULTI)


def _as(value: Value, kind: Type) -> exp.Expression:
    if kind is Type.MULTI:
        return value.node if value.type is Type.MULTI else sql("spl_list(:x)", x=as_text(value))
    return as_text(value)


__all__ = ["compile_lookup", "find_table"]
