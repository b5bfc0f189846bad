"""Rows made of the elements of lists and objects: `mv-expand`, LATERAL FLATTEN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from rulescope import ir
from rulescope.engines.sql.build import call, cases, column, integer, sql
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import KUSTO, SNOWFLAKE, TABLES, compiles, compiles_command
from rulescope.engines.sql.frame import Frame, ordered, row_number
from rulescope.engines.sql.relational.parts import MEMBER, element, json_elements
from rulescope.engines.sql.relational.scope import Scope, path_steps, put
from rulescope.engines.sql.relational.table_rows import TypedColumn
from rulescope.engines.sql.schema import ROW, Column, free_name
from rulescope.engines.sql.values import Type, Value, as_json, json_value, whole_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_PLACE = "_rs_place"


@dataclass(frozen=True, slots=True)
class _Items:
    """The elements that a column is expanded to, as a list, and what each of them is."""

    node: exp.Expression
    type: Type
    kind: str = "dynamic"


@compiles(stages.MvExpand, dialects=TABLES)
def compile_expand(stage: stages.MvExpand, frame: Frame, context: Context) -> Frame:
    """`mv-expand` of one column."""
    return _expanded(frame, {stage.field: _items_of(stage.field, stage, frame, context)}, stage.limit)


@compiles_command("mv-expand", dialects=(KUSTO,))
def compile_expand_several(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """`mv-expand` of several columns side by side, of objects as lists of key and value, or with the places of the
    elements: what one column has less of than another is null there."""
    given = [(one.name, one.value) for one in stage.arguments]
    names = [value.name for name, value in given if name is None and isinstance(value, ir.FieldReference)]
    options = {name: value for name, value in given if isinstance(value, str)}
    as_pairs = "array" in (options.get("kind"), options.get("bagexpansion"))
    most = next((value for name, value in given if name == "limit"), None)
    limit = most.value if isinstance(most, ir.Constant) and isinstance(most.value, int) else None
    if most is not None and limit is None:
        raise Refusal("only a limit that is a constant is supported", span=stage.span, code="RUN035")
    items = {name: _items_of(name, stage, frame, context, as_pairs) for name in names}
    return _expanded(frame, items, limit, options.get("with_itemindex"))


def _items_of(name: str, stage: ir.Stage, frame: Frame, context: Context, as_pairs: bool = False) -> _Items:
    """The elements of a list; of an object one object a key, or a list of key and value; any other value is its own
    element. Null is one element, which is null."""
    scope = Scope(frame, context, deciding=True)
    scope.name(name, stage.span)
    value = scope.frame.value(name)
    assert value is not None
    if value.type is Type.MULTI:
        return _Items(sql("COALESCE(:x, CAST([NULL] AS VARCHAR[]))", x=value.node), Type.AUTO)
    held = as_json(value)
    maker = "json_array" if as_pairs else "json_object"
    branches = [
        (sql("json_type(:x) = 'OBJECT'", x=held),
         sql(f"list_transform(json_keys(:x), lambda k: {maker}(k, {MEMBER}))", x=held)),
        (sql("json_type(:x) = 'ARRAY'", x=held), json_elements(json_value(held))),
    ]  # fmt: skip
    listed = cases(branches, sql("CAST([:x] AS JSON[])", x=held))
    return _Items(sql("list_transform(:l, lambda v: NULLIF(v, CAST('null' AS JSON)))", l=listed), Type.JSON)


def _expanded(frame: Frame, items: Mapping[str, _Items], limit: int | None, places: str | None = None) -> Frame:
    """A row for each place in the longest of the lists, with what stands there in each; none where all are empty.
    `places` is a column with the places, from 0."""
    used = frame.schema.physical_names()
    fields: dict[str, Column] = dict(frame.schema.fields)
    held = {free_name(f"_rs_items_{number}", used): one for number, one in enumerate(items.values())}
    marked = frame.then({**frame.passed(), **{name: one.node for name, one in held.items()}})
    lists: list[exp.Expression] = [column(name, marked.relation) for name in held]
    if limit is not None:
        lists = [sql("list_slice(:x, 1, :n)", x=one, n=integer(limit)) for one in lists]
    lengths = [call("len", one) for one in lists]
    longest = call("greatest", *lengths) if len(lengths) > 1 else lengths[0]
    parts: dict[str, exp.Expression] = {f"_rs_value_{number}": one for number, one in enumerate(lists)}
    parts[_PLACE] = sql("range(0, :n)", n=longest)
    inner = exp.Select(expressions=[exp.alias_(call("unnest", one), name, quoted=True) for name, one in parts.items()])
    columns: dict[str, exp.Expression | None] = {name: column(name, marked.relation) for name in frame.passed()}
    for number, (name, one) in enumerate(items.items()):
        before = fields.get(name)
        physical = before.physical if before is not None else free_name(name, used)
        columns[physical] = column(f"_rs_value_{number}")
        fields[name] = TypedColumn(physical, one.type, False, one.kind)
    if places is not None:
        physical = free_name(places, used)
        columns[physical] = exp.cast(column(_PLACE), "DOUBLE")
        fields[places] = TypedColumn(physical, Type.NUMBER, False, "long")
    columns[ROW] = row_number([ordered(column(ROW, marked.relation)), ordered(column(_PLACE))], then_row=False)
    body = marked.source().join(exp.Subquery(this=inner).as_("_rs_values", quoted=True), join_type="cross")
    return marked.then(columns, frame.schema.with_fields(fields), body)


_FLATTENED = frozenset({"input", "path", "outer", "recursive", "mode", "as"})
_INPUT = "_rs_flattened"
_STEP = (
    "CASE WHEN regexp_full_match(k, '[A-Za-z_][A-Za-z0-9_$]*') THEN :d || k"
    " ELSE '[' || chr(39) || replace(k, chr(39), chr(92) || chr(39)) || chr(39) || ']' END"
)
"""A key as a step of a path, behind `:d`."""


@compiles_command("flatten", dialects=(SNOWFLAKE,))
def compile_flatten(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """LATERAL FLATTEN: a row for each element of a list, or member of an object, in columns of the function's own; a
    row without any is left out, or, with OUTER, kept."""
    given = {argument.name: argument.value for argument in stage.arguments}
    source = given.get("input")
    outer, recursive, mode, path = (_constant(given.get(name), name, stage) for name in _CONSTANTS)
    if not given.keys() <= _FLATTENED or recursive or not isinstance(source, ir.Expression):
        what = "recursive" if recursive else "such options"
        raise Refusal(f"flatten with {what} is not supported", span=stage.span, stage="flatten", code="RUN035")
    scope = Scope(frame, context, deciding=True)
    value = compile_expression(scope.expression(source), scope.frame, context)
    for step in path_steps(str(path or "")):
        value = element(value, step, context.dialect)
    alias = given.get("as")
    names = _free_names(frame, alias if isinstance(alias, str) else None)
    # What is expanded, and the number of its row, are the same for each element.
    marked = put(frame, {_INPUT: (json_value(as_json(value)), "dynamic", True)})
    held = json_value(column(marked.schema.fields[_INPUT].physical))
    around = {
        names["this"]: (held, "dynamic", True),
        names["seq"]: (whole_value(sql("(:r + 1)", r=column(ROW))), "long", True),
    }
    shown = put(marked, {name: one for name, one in around.items() if name})
    items = _flattened(held, str(path or ""), str(mode or "both").lower(), bool(outer))
    found = _expanded(shown, {names[name]: one for name, one in items.items() if names[name]}, None)
    kept = {name: entry for name, entry in found.schema.fields.items() if name != _INPUT}
    return found.then(found.passed(), found.schema.with_fields(kept))


_CONSTANTS = ("outer", "recursive", "mode", "path")


def _constant(value: object, name: str, stage: stages.Command) -> ir.Value | None:
    if value is None or isinstance(value, ir.Constant):
        return value.value if value is not None else None
    raise Refusal(f"flatten with '{name}' that is no constant is not supported", span=stage.span, code="RUN035")


def _free_names(frame: Frame, alias: str | None) -> dict[str, str]:
    """What the columns of FLATTEN are called: by their own names where no other column has those, else with the
    function's name before them, and not at all where it has none."""
    found: dict[str, str] = {}
    for name in ("seq", "key", "path", "index", "value", "this"):
        taken = name in frame.schema.fields
        found[name] = name if not taken else f"{alias}.{name}" if alias else ""
    return found


def _flattened(held: Value, path: str, mode: str, outer: bool) -> dict[str, _Items]:
    """What stands in the columns of FLATTEN for each element of a list, and each member of an object."""
    node = held.node
    keys = sql("json_keys(:x)", x=node)
    places = sql("range(0, CAST(json_array_length(:x) AS BIGINT))", x=node)
    of_list = sql("(json_type(:x) = 'ARRAY' AND json_array_length(:x) > 0)", x=node)
    of_object = sql("(json_type(:x) = 'OBJECT' AND len(:k) > 0)", x=node, k=keys)
    no_places, no_keys = (sql("list_transform(:l, lambda v: NULL)", l=one) for one in (places, keys))
    members = sql(f"list_transform(:k, lambda k: {MEMBER})", k=keys, x=node)
    steps = sql(f"list_transform(:k, lambda k: :p || {_STEP})", k=keys, p=path, d="." if path else "")
    numbers = sql("list_transform(:l, lambda n: :p || '[' || n || ']')", l=places, p=path)
    parts: dict[str, tuple[exp.Expression, exp.Expression, str, Type, str]] = {
        "value": (json_elements(held), members, "JSON", Type.JSON, "dynamic"),
        "key": (no_places, keys, "VARCHAR", Type.TEXT, "string"),
        "index": (places, no_keys, "DOUBLE", Type.NUMBER, "long"),
        "path": (numbers, steps, "VARCHAR", Type.TEXT, "string"),
    }
    found: dict[str, _Items] = {}
    for name, (elements, of_members, held_as, kind, told) in parts.items():
        branches = []
        if mode != "object":
            branches.append((of_list.copy(), exp.cast(elements, f"{held_as}[]")))
        if mode != "array":
            branches.append((of_object.copy(), exp.cast(of_members, f"{held_as}[]")))
        nothing: exp.Expression = exp.cast(sql("[NULL]" if outer else "[]"), f"{held_as}[]")
        if outer and name == "path":
            nothing = sql("CASE WHEN :x IS NOT NULL THEN [:p] ELSE [NULL] END", x=node, p=path)
        found[name] = _Items(cases(branches, nothing), kind, told)
    return found
