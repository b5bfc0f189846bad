"""Stages that keep, order or shape rows one by one. Facts: Kusto's pages of the operators; Snowflake, "SELECT"."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from rulescope import ir
from rulescope.engines.reference.common.macros import undefined_macro
from rulescope.engines.reference.common.moments import moment_of_text
from rulescope.engines.reference.common.names import column_of, field_value, opened
from rulescope.engines.reference.common.patterns import regex
from rulescope.engines.reference.common.typed import rows_of
from rulescope.engines.reference.interpreter import Reading, reads_expression, refused_stage
from rulescope.engines.reference.meaning import COMMON, KUSTO, SNOWFLAKE, TABLES
from rulescope.engines.reference.table import RowTable
from rulescope.engines.reference.tables.times import binned_value, width_of
from rulescope.engines.reference.values import Duration, Moment, Row, exact_number, number, text, texts_of
from rulescope.errors import Refusal
from rulescope.ir import stages
from rulescope.ir.walk import walk


@TABLES.stage(stages.TableRows)
def table_rows(stage: stages.TableRows, table: RowTable, reading: Reading) -> RowTable:
    """The table's rows, out of events that carry its columns by name."""
    if stage.unknown:
        raise refused_stage(stage, "a table that no log is known to hold")
    if any(column.rules for column in stage.columns):
        raise refused_stage(stage, "columns that are derived from a log's fields")
    columns = {column.name: column.kind for column in stage.columns}
    rows: list[Row] = []
    for event in reading.events:
        if stage.predicate is None or _is_of_table(stage.predicate, event, reading):
            row = {name: _of_kind(event.get(name), kind, reading) for name, kind in columns.items()}
            rows.append({name: value for name, value in row.items() if value is not None})
    return RowTable(rows, columns)


def _is_of_table(predicate: ir.Predicate, event: Row, reading: Reading) -> bool:
    """The predicate is about raw fields, which are no columns."""
    raw = Reading(COMMON, reading.options, reading.events, reading.deadline, {}, {})
    return raw.holds(predicate, event) is True


def _of_kind(value: Any, kind: str, reading: Reading) -> Any:
    """A log's text as a value of a column."""
    if value is None:
        return "" if kind == "string" and reading.meaning.empty_text else None
    spelt = text(value)
    match kind:
        case "long":
            size = exact_number(value)
            return None if size is None else int(size) if float(size).is_integer() else size
        case "real":
            return number(value)
        case "datetime":
            return None if spelt is None else moment_of_text(spelt)
        case "bool":
            return {"true": True, "false": False}.get((spelt or "").lower())
        case "list":
            return texts_of(value)
    return spelt


@TABLES.stage(stages.Eval)
def assigned(stage: stages.Eval, table: RowTable, reading: Reading) -> RowTable:
    """Columns set to expressions, from the rows as they were."""
    before = reading.over(table)
    for assignment in stage.assignments:
        if isinstance(assignment, ir.MacroCall):
            raise undefined_macro(assignment.name, assignment.span)
        here = reading.over(table)
        if reading.meaning.assigned_at_once and _reads_only(assignment.expression, before):
            here = before
        values = [here.value(assignment.expression, row) for row in here.around]
        kind = kind_of(assignment.expression, values, here)
        table = with_column(table, assignment.target, kind, values)
    return table


def _reads_only(expression: ir.Expression, reading: Reading) -> bool:
    """Whether all names that an expression reads are there; what reads a column beside it is read in order."""
    names = [node.name for node in walk(expression) if isinstance(node, ir.FieldReference)]
    return all(any(name == one or name.startswith((f"{one}.", f"{one}[")) for one in reading.columns) for name in names)


def with_column(table: RowTable, name: str, kind: str, values: list[Any]) -> RowTable:
    """The rows with a column set."""
    found = table.with_rows({**row, name: value} for row, value in zip(table.rows, values, strict=True))
    found.columns[name] = kind
    for row in found.rows:
        if row[name] is None:
            del row[name]
    return found


def kind_of(expression: ir.Expression, values: list[Any], reading: Reading) -> str:
    """The kind of a column: that of the one that it is a copy of, else that of its values."""
    if isinstance(expression, ir.FieldReference) and (column := column_of(expression.name, reading)) is not None:
        return reading.columns[column]
    kinds = {str: "string", bool: "bool", int: "long", float: "real", Moment: "datetime", Duration: "timespan"}
    return next((kinds.get(type(value), "dynamic") for value in values if value is not None), "dynamic")


def _named(items: Any, table: RowTable) -> list[str]:
    """The columns that a list names, `*` put in."""
    found: dict[str, None] = {}
    for item in items:
        name = item.name
        if "*" in name:
            found.update(dict.fromkeys(one for one in table.columns if fnmatchcase(one, name.rpartition(".")[2])))
        else:
            found[name] = None
    return list(found)


@TABLES.stage(stages.Table)
def chosen(stage: stages.Table, table: RowTable, reading: Reading) -> RowTable:
    """Only these columns, in this order; in SQL, one that is named with its table goes by its own name."""
    names = _named(stage.fields, table)
    shown = {name: name for name in names}
    if reading.meaning.qualified_names:
        bare = [name.rpartition(".")[2] for name in names]
        for name, short in zip(names, bare, strict=True):
            if bare.count(short) == 1 and column_of(name, reading) is not None:
                shown[name] = short
    values = {name: [field_value(name, row, reading, stage.span) for row in table.rows] for name in names}
    found = RowTable([{} for _ in table.rows])
    for name in names:
        kind = kind_of(ir.FieldReference(name), values[name], reading)
        found = with_column(found, shown[name], kind, values[name])
    return found


@TABLES.stage(stages.Fields)
def kept(stage: stages.Fields, table: RowTable, reading: Reading) -> RowTable:
    """All columns but these, or only these."""
    names = set(_named(stage.fields, table))
    return _only(table, [name for name in table.columns if (name in names) is stage.keep])


def _only(table: RowTable, names: list[str]) -> RowTable:
    rows = [{name: row[name] for name in names if name in row} for row in table.rows]
    return RowTable(rows, {name: table.columns[name] for name in names}, dict(table.aliases))


@TABLES.stage(stages.Rename)
def renamed(stage: stages.Rename, table: RowTable, reading: Reading) -> RowTable:
    """Columns under other names, in their places."""
    new = {one.source: one.target for one in stage.renamings}
    for one in stage.renamings:
        if one.source not in table.columns or (one.target in table.columns and one.target not in new):
            new.pop(one.target, None)
            if one.source not in table.columns:
                raise Refusal(f"there is no column '{one.source}' here", span=one.span, code="RUN044")
    targets = set(new.values())
    names = [name for name in table.columns if name in new or name not in targets]
    rows = [{new.get(name, name): row[name] for name in names if name in row} for row in table.rows]
    return RowTable(rows, {new.get(name, name): table.columns[name] for name in names}, dict(table.aliases))


@KUSTO.command("project-reorder")
def reordered(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """The columns named come first."""
    first: list[str] = []
    for argument in stage.arguments:
        if argument.name not in (None, "asc", "desc"):
            raise Refusal("the reference has no reading of this order of columns", span=argument.span, code="RUN035")
        fitting = list(_named([argument.value], table))
        if argument.name is not None:
            fitting.sort(reverse=argument.name == "desc")
        first += [name for name in fitting if name not in first]
    return _only(table, [*first, *(name for name in table.columns if name not in first)])


@KUSTO.command("render", "serialize", "as")
def as_they_are(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """The rows as they are."""
    return table


@TABLES.stage(stages.Sort)
def ordered(stage: stages.Sort, table: RowTable, reading: Reading) -> RowTable:
    """Rows by their keys; each says where rows without a value stand."""
    rows = table.rows
    for key in reversed(stage.keys):
        rows = sorted_by(rows, key.field, key.descending, key.nulls_first, reading, key)
    return table.with_rows(rows[: stage.count] if stage.count else rows)


def sorted_by(rows: Any, name: str, descending: bool, nulls_first: bool, reading: Reading, node: Any) -> list[Row]:
    """The rows by one column; equals stay as they are."""
    pairs = [(field_value(name, row, reading, node.span), row) for row in rows]
    if any(isinstance(value, list | dict) for value, _ in pairs):
        raise Refusal("the reference has no reading of an order of lists", span=node.span)
    without = [row for value, row in pairs if value is None]
    there = [pair for pair in pairs if pair[0] is not None]
    found = [row for _, row in sorted(there, key=lambda pair: pair[0], reverse=descending)]
    return without + found if nulls_first else found + without


@TABLES.stage(stages.MvExpand)
def expanded(stage: stages.MvExpand, table: RowTable, reading: Reading) -> RowTable:
    """One row an element; a row without one stays, empty there."""
    rows: list[Row] = []
    for row in table.rows:
        value = opened(row.get(stage.field))
        if isinstance(value, dict):
            value = [{key: held} for key, held in value.items()]
        found = value if isinstance(value, list) else [value]
        rows += [{**row, stage.field: item} for item in found[: stage.limit or None]]
    made = table.with_rows(rows)
    made.columns[stage.field] = "dynamic"
    return made


@SNOWFLAKE.command("flatten")
def flattened(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """One row an element of a list, or member of an object; a row without one is left out but with OUTER."""
    given = {one.name: one.value for one in stage.arguments}
    item, alias = given.pop("input", None), given.pop("as", None)
    options = {name: value.value for name, value in given.items() if isinstance(value, ir.Constant)}
    if not isinstance(item, ir.Expression) or options.keys() != given.keys():
        raise refused_stage(stage, "such options")
    if not options.keys() <= {"outer", "mode"} or any(name in table.columns for name in _FLATTENED):
        raise refused_stage(stage, "a path, recursion, or names that are taken")
    mode = str(options.get("mode", "both")).lower()
    rows: list[Row] = []
    for sequence, row in enumerate(table.rows, 1):
        value = opened(reading.value(item, row))
        parts: list[Row] = []
        if isinstance(value, dict) and mode != "array":
            parts = [{"value": one, "key": key, "path": _step(key)} for key, one in value.items()]
        elif isinstance(value, list) and mode != "object":
            parts = [{"value": one, "index": place, "path": f"[{place}]"} for place, one in enumerate(value)]
        if not parts and options.get("outer"):
            parts = [{"path": "" if value is not None else None}]
        rows += [{**row, **one, "this": value, "seq": sequence} for one in parts]
    made = table.with_rows({name: one for name, one in row.items() if one is not None} for row in rows)
    made.columns |= _FLATTENED
    if isinstance(alias, str):
        made.aliases |= {f"{alias}.{name}": name for name in _FLATTENED}
    return made


def _step(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_]\w*", key) else f"['{key}']"


_FLATTENED = {
    "seq": "long", "key": "string", "path": "string", "index": "long", "value": "dynamic", "this": "dynamic",
}  # fmt: skip


@SNOWFLAKE.command("values")
def listed_rows(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """Rows of values that read no column."""
    rows = [one.value.arguments for one in stage.arguments if isinstance(one.value, ir.Operation)]
    names = [one.value.name for one in stage.arguments if isinstance(one.value, ir.FieldReference)]
    names = names or [f"column{number}" for number in range(1, len(rows[0]) + 1)]
    nowhere = reading.over(RowTable([{}]))
    found = RowTable([{} for _ in rows])
    for place, name in enumerate(names):
        values = [nowhere.value(row[place], {}) for row in rows]
        found = with_column(found, name, kind_of(ir.Constant(None), values, nowhere), values)
    return found


@SNOWFLAKE.command("offset")
def after_the_first(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """The rows after the first so many."""
    count = stage.arguments[0].value
    if not isinstance(count, ir.Constant) or not isinstance(count.value, int):
        raise refused_stage(stage, "a number that is no constant")
    return table.with_rows(table.rows[count.value :])


@SNOWFLAKE.stage(stages.Dedup)
def each_once(stage: stages.Dedup, table: RowTable, reading: Reading) -> RowTable:
    """Each row once."""
    return distinct(table)


def distinct(table: RowTable) -> RowTable:
    """The rows, each once; NULL is the same as NULL."""
    found: list[Row] = []
    for row in table.rows:
        if row not in found:
            found.append(row)
    return table.with_rows(found)


@KUSTO.stage(stages.MakeResults)
def made(stage: stages.MakeResults, table: RowTable, reading: Reading) -> RowTable:
    """`print` makes one row, `datatable` those that it lists, of the kinds that it declares."""
    rows = json.loads(stage.data) if stage.data else [{}] * stage.count
    found = RowTable([{} for _ in rows])
    for name, declared in stage.options:
        if declared in ("timespan", "time", "guid", "decimal"):
            raise refused_stage(stage, f"a column of {declared}")
        kind = {"int": "long", "double": "real", "date": "datetime", "boolean": "bool"}.get(declared, declared)
        values = [_cell(row.get(name), kind) for row in rows]
        found = with_column(found, name, kind, values)
    return found


def _cell(value: Any, kind: str) -> Any:
    """A constant of a datatable as a value of its column."""
    if kind == "datetime":
        return moment_of_text(value) if isinstance(value, str) else None
    if kind == "string":
        return "" if value is None else text(value)
    if kind == "real":
        return None if value is None else float(value)
    return value


@KUSTO.command("range")
def numbers_between(stage: stages.Command, table: RowTable, reading: Reading) -> RowTable:
    """A row for each number from one end to the other."""
    name = stage.arguments[0].value
    first, last, step = (reading.value(stage.option(word), {}) for word in ("from", "to", "step"))  # type: ignore[arg-type]
    if not isinstance(name, ir.FieldReference) or not all(isinstance(one, int) for one in (first, last, step)):
        raise refused_stage(stage, "other ends than whole numbers")
    return RowTable(
        [{name.name: value} for value in range(first, last + (1 if step > 0 else -1), step)], {name.name: "long"}
    )


@KUSTO.stage(stages.Bucket)
def binned(stage: stages.Bucket, table: RowTable, reading: Reading) -> RowTable:
    """A column put down to a multiple of a width."""
    assert stage.interval is not None
    width = width_of(stage.interval)
    values = [binned_value(field_value(stage.field, row, reading, stage.span), width) for row in table.rows]
    kind = kind_of(ir.FieldReference(stage.field), values, reading)
    return with_column(table, stage.alias or stage.field, kind, values)


@KUSTO.stage(stages.Rex)
def parsed(stage: stages.Rex, table: RowTable, reading: Reading) -> RowTable:
    """`parse`: a column for each named group; the empty text where the text does not fit."""
    if stage.sed or stage.max_match != 1 or stage.offset_field is not None:
        raise refused_stage(stage, "such options")
    pattern = regex(stage.pattern, stage.span)
    found = [pattern.search(text(field_value(stage.field, row, reading, stage.span)) or "") for row in table.rows]
    for name in pattern.groupindex:
        values = ["" if one is None else one.group(name) or "" for one in found]
        table = with_column(table, name, "string", values)
    return table


@reads_expression(ir.Subsearch)
def first_value(node: ir.Subsearch, row: Row, reading: Reading) -> Any:
    """The one value of a query; NULL of no row."""
    if not reading.meaning.typed:
        raise Refusal("the reference has no reading of a subsearch as a value", span=node.span, code="RUN010")
    found = rows_of(node, row, reading)
    if len(found) > 1 and reading.meaning.single_row_values:
        raise Refusal("the reference has no reading of a query of several rows as one value", span=node.span)
    return found[0] if found else None
