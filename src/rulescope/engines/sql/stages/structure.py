"""Fields out of XML, JSON and tables in text, and fields into JSON: `xpath`, `multikv`, `tojson`, ….

Facts: Splunk, Search Reference, pages of these names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import array, call, column, function_of, literal, parameter, sql
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles, compiles_command
from rulescope.engines.sql.evidence import by_field
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.schema import ROW, is_internal, name_pattern
from rulescope.engines.sql.stages.extracting import expand_pairs
from rulescope.engines.sql.stages.fieldlists import item_names
from rulescope.engines.sql.stages.held_rows import Field, fields_of, numbered, put_rows, take_rows
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, multi_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_TYPED = re.compile(r"(auto|bool|json|none|num|str)\(\s*([^()]+?)\s*\)")
_TYPES = ("auto", "bool", "json", "none", "num", "str")
_WHY = "its rows are the lines of tables in the events"
_NUMBER = "_rs_number"


@compiles(stages.XPath)
def compile_xpath(stage: stages.XPath, frame: Frame, context: Context) -> Frame:
    """What an XPath selects in a field of XML; the default where it selects nothing."""
    value = frame.value(stage.field)
    default = literal(stage.default) if stage.default is not None else None
    if value is None:
        if default is None:
            return frame.then(frame.passed())
        return frame.assign({stage.output: auto_value(default)})
    found: exp.Expression = call("spl_xpath", as_text(value), literal(stage.path))
    if default is not None:
        found = sql("COALESCE(:f, [:d])", f=found, d=default)
    return frame.assign({stage.output: multi_value(found)})


@compiles_command("xmlunescape")
def compile_xmlunescape(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`_raw` with the entities of XML as characters."""
    raw = frame.value("_raw")
    if raw is None:
        return frame.then(frame.passed())
    return frame.assign({"_raw": auto_value(call("spl_xmlunescape", as_text(raw)))})


@compiles_command("outputtext")
def compile_outputtext(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The text of each event in `_xml`, escaped for XML unless `usexml` is false."""
    raw = frame.value("_raw")
    if raw is None:
        return frame.then(frame.passed())
    text = as_text(raw)
    if stage.option("usexml") is not False:
        for plain, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = sql("replace(:x, :p, :e)", x=text, p=plain, e=escaped)
    return frame.assign({"_xml": auto_value(text)})


@compiles_command("fromjson")
def compile_fromjson(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """A field for each key of the JSON object in a field."""
    source = next((part.value for part in stage.arguments if isinstance(part.value, ir.FieldReference)), None)
    value = frame.value(source.name) if source is not None else None
    if value is None:
        return frame.then(frame.passed())
    prefix = stage.option("prefix")
    pairs = call("spl_fromjson", as_text(value), literal(prefix if isinstance(prefix, str) else ""))
    return expand_pairs(stage, frame, pairs, context)


@compiles(stages.ToJson)
def compile_tojson(stage: stages.ToJson, frame: Frame, context: Context) -> Frame:
    """The fields of a row as one JSON object; several values become an array."""
    default = stage.default_type.lower()
    if default not in _TYPES:
        raise Refusal(f"tojson knows no type '{stage.default_type}'", span=stage.span, code="RUN039")
    typed = _typed_fields(stage, frame, default)
    names = list(typed)
    values = [_json(frame.schema.fields[name].value(), kind, stage.fill_null) for name, kind in typed.items()]
    node = call("spl_json_row", _text_list([literal(name) for name in names]), _text_list(values))
    return frame.assign({stage.output_field: auto_value(node)})


def _text_list(items: Sequence[exp.Expression]) -> exp.Expression:
    return exp.cast(array(items), "VARCHAR[]")


def _typed_fields(stage: stages.ToJson, frame: Frame, default: str) -> dict[str, str]:
    """The fields to put in, and the JSON type of each."""
    found: dict[str, str] = {}
    for written in item_names(stage.fields) or ["*"]:
        typed = _TYPED.fullmatch(written)
        kind, patterns = (typed.group(1), re.split(r"[\s,]+", typed.group(2))) if typed else (default, [written])
        for pattern in patterns:
            matcher = name_pattern(pattern)
            for name in frame.schema.names():
                internal = is_internal(name) and not pattern.startswith("_") and not stage.include_internal
                if matcher.fullmatch(name) and not internal:
                    found.setdefault(name, kind)
    return found


def _json(value: Value, kind: str, fill: bool) -> exp.Expression:
    if value.type is Type.MULTI:
        name = parameter()
        item = call("spl_json_value", exp.column(exp.to_identifier(name, quoted=True)), literal(kind))
        node = sql(
            "CASE WHEN :x IS NOT NULL THEN '[' || array_to_string(list_transform(:x, :f), ',') || ']' END",
            x=value.node,
            f=function_of(name, item),
        )
    else:
        node = call("spl_json_value", as_text(value), literal(kind))
    return sql("COALESCE(:n, 'null')", n=node) if fill else node


@compiles_command("makejson")
def compile_makejson(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """The fields listed as a JSON object in a new field."""
    names = tuple(part.value for part in stage.arguments if isinstance(part.value, ir.FieldReference))
    output = str(stage.option("output") or "_raw")
    return compile_tojson(stages.ToJson(names, output, "auto"), frame, context)


@compiles(stages.MultiKv)
def compile_multikv(stage: stages.MultiKv, frame: Frame, context: Context) -> Frame:
    """A row for each line of the table in `_raw`, with a field for each column of its header."""
    context.need_data(stage, _WHY)
    names = list(frame.schema.names())
    if "_raw" not in names:
        return frame.then(frame.passed())
    wanted = set(item_names(stage.fields))
    place = names.index("_raw")
    rows: list[tuple[float, list[Any], dict[str, str]]] = []
    found: dict[str, None] = {}
    for number, *row in take_rows(stage, numbered(frame), context, [_NUMBER, *names], _WHY):
        lines = [line for line in str(row[place] or "").splitlines() if line.strip()]
        table = _table(stage, lines)
        if not table and not stage.remove_original:
            rows.append((number, row, {}))
        for line in table:
            text = " ".join(line.values())
            if stage.filter and not any(word.lower() in text.lower() for word in stage.filter):
                continue
            kept = {name: cell for name, cell in line.items() if not wanted or name in wanted}
            found.update(dict.fromkeys(kept))
            rows.append((number, row if stage.copy_attributes else [None] * len(row), kept))
    fields = [*fields_of(frame, names), *(Field(name) for name in found if name not in names)]
    out = []
    for number, row, cells in rows:
        values = dict(zip(names, row, strict=True)) | cells
        out.append([*(values.get(field.name) for field in fields), number])
    made = put_rows(frame, [*fields, Field(_NUMBER, Type.NUMBER)], out, context)
    return by_field(made, _NUMBER, frame, column(ROW))


def _table(stage: stages.MultiKv, lines: list[str]) -> list[dict[str, str]]:
    """The lines under the header, each as column to cell."""
    if stage.no_header:
        return [{f"Column_{number}": cell for number, cell in enumerate(line.split(), 1)} for line in lines]
    at = (stage.force_header or 1) - 1
    if len(lines) <= at + 1:
        return []
    header = [name.strip("%:") or f"Column_{number}" for number, name in enumerate(lines[at].split(), 1)]
    body = lines[at + 1 :]
    if stage.last_only:
        body = body[-1:]
    out = []
    for line in body:
        cells = line.split(None, len(header) - 1)
        if len(cells) < 2 and len(header) > 1:
            continue
        out.append(dict(zip(header, cells, strict=False)))
    return out


@compiles(stages.SetFields)
def compile_setfields(stage: stages.SetFields, frame: Frame, context: Context) -> Frame:
    """The fields set to constants in every row."""
    return frame.assign({name: auto_value(literal(text)) for name, text in stage.values})


@compiles(stages.Tags)
def compile_tags(stage: stages.Tags, frame: Frame, context: Context) -> Frame:
    """Passes the rows on: files have no tags of field values beside those that the events carry."""
    context.note("RUN107", "no tags of field values are known: tags adds none", stage.span)
    return frame.then(frame.passed())
