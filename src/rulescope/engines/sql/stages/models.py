"""`tstats`, `datamodel`, `from`: the events of data models, and statistics over them.

Facts: Splunk, Search Reference, "tstats", "datamodel", "from". A data set's field is written after the node's name
(`Processes.process_name`) in `tstats` and in the results of `datamodel … search`, and bare after `from`. Splunk's
Common Information Model fills what an event lacks with `unknown`, so that grouping by such a field loses no event.
"""

from __future__ import annotations

from collections.abc import Iterable

from rulescope import ir
from rulescope.engines.sql.aggregate_wildcards import expand_aggregates
from rulescope.engines.sql.compiling import compile_predicate
from rulescope.engines.sql.context import Context, DataSet
from rulescope.engines.sql.dialect import compiles
from rulescope.engines.sql.frame import Frame
from rulescope.engines.sql.stages.binning import SECONDS, time_bin
from rulescope.engines.sql.stages.evaluating import fields_read
from rulescope.engines.sql.stages.fieldlists import item_names
from rulescope.engines.sql.stages.filling import filled
from rulescope.engines.sql.stages.grouping import group
from rulescope.engines.sql.stages.lookups import find_table
from rulescope.engines.sql.stages.merging import stack
from rulescope.engines.sql.stages.tables import table_rows
from rulescope.errors import Refusal
from rulescope.ir import stages

_UNKNOWN = "unknown"
_NOT_FILLED = frozenset({"_time", "host", "source", "sourcetype", "index", "tag", "eventtype"})
_HIDDEN = ("_provider", "_channel", "_event_id")


def find_data_set(model: str, node: str | None, context: Context, stage: ir.Stage) -> DataSet:
    """The data set of that name; a refusal where it is not known."""
    found = context.models.data_set(model, node) if context.models is not None else None
    if found is None:
        name = f"{model}.{node}" if node else model
        raise Refusal(f"the data model '{name}' is not known", span=stage.span, code="RUN019")
    return found


def model_events(data_set: DataSet, frame: Frame, context: Context, names: Iterable[str]) -> Frame:
    """The events of a data set, with the fields named as far as the events give them."""
    words = context.words
    condition = data_set.condition
    context.words = words | frozenset(names) | frozenset(fields_read(condition))
    try:
        events = context.events_frame(frame.program, f"{frame.stage}_events")
    finally:
        context.words = words
    if condition is None:
        return events.at(frame.stage)
    bound = events
    for name in _HIDDEN:
        held = events.schema.hidden.get(name)
        if held is not None:
            bound = bound.binding(name, held.value())
    test = compile_predicate(condition, bound, context)
    return events.at(f"{frame.stage}_{data_set.node}").filter(test).at(frame.stage)


def _without_node(predicate: ir.Predicate | None) -> tuple[ir.Predicate | None, str | None]:
    """The condition without `nodename=…`, and the node that it names."""
    if predicate is None:
        return None, None
    operands = predicate.operands if isinstance(predicate, ir.And) else (predicate,)
    kept, node = [], None
    for part in operands:
        if isinstance(part, ir.Compare) and part.field == "nodename" and part.kind == "eq":
            node = str(part.values[0])
        else:
            kept.append(part)
    if node is None:
        return predicate, None
    return (None if not kept else kept[0] if len(kept) == 1 else ir.And(tuple(kept))), node


@compiles(stages.TStats)
def compile_tstats(stage: stages.TStats, frame: Frame, context: Context) -> Frame:
    """One row a group of the events of a data set, or of all events."""
    if stage.macro_arguments:
        raise Refusal("tstats holds a macro without a definition", span=stage.span, code="RUN014")
    if stage.model is None and dict(stage.options).keys() & {"sid", "namespace"}:
        raise Refusal("there are no stored summaries to read", span=stage.span, code="RUN035")
    where, node = _without_node(stage.where)
    by = item_names(stage.by)
    if any(name.upper().startswith("PREFIX(") for name in by):
        raise Refusal("PREFIX() reads the terms of an index, which files don't have", span=stage.span, code="RUN035")
    label = frame.stage
    if stage.model is not None:
        rows = _model_rows(stage, node, where, by, frame, context)
    else:
        rows = context.events_frame(frame.program, f"{label}_events").at(label)
    if where is not None:
        rows = rows.filter(compile_predicate(where, rows, context))
    if stage.fill_null_value is not None:
        rows = rows.assign({name: filled(rows.value(name), stage.fill_null_value) for name in by if name != "_time"})
    seconds = None
    if stage.interval is not None and "_time" in by:
        time = rows.value("_time")
        if time is not None:
            rows = rows.assign({"_time": time_bin(time, stage.interval, context)})
        seconds = SECONDS.get(stage.interval.unit or "s", 0.0) * stage.interval.amount or None
    if stage.prestats:
        # What follows computes the same functions again; it can do so from the events themselves.
        return stack([frame, rows], label) if stage.append else rows
    aggregates = expand_aggregates(stage.aggregates, by, rows)
    grouped = group(rows, aggregates, by, context, span_seconds=seconds)
    return stack([frame, grouped], label) if stage.append else grouped


def _model_rows(
    stage: stages.TStats, node: str | None, where: ir.Predicate | None, by: list[str], frame: Frame, context: Context
) -> Frame:
    """The events of the stage's data set, its fields also under the names that the stage calls them by."""
    assert stage.model is not None
    data_set = find_data_set(stage.model, _node_name(stage.model, node) or stage.node, context, stage)
    used = [*by, *fields_read((stage.aggregates, where))]
    stars = any("*" in name for name in used)
    names = dict.fromkeys([*(data_set.bare_name(name) for name in used), *(data_set.fields if stars else ())])
    rows = model_events(data_set, frame, context, names)
    fields = dict(rows.schema.fields)
    wanted = dict.fromkeys(name for name in used if "*" not in name)
    if stars:
        wanted |= {f"{data_set.nodes[0]}.{name}": None for name in data_set.fields if data_set.nodes}
    for name in wanted:
        held = rows.schema.fields.get(data_set.bare_name(name))
        if held is not None:
            fields[name] = held
    rows = Frame(rows.program, rows.relation, rows.schema.with_fields(fields), rows.stage, rows.events)
    known = {*data_set.fields}
    lacking = [name for name in by if (bare := data_set.bare_name(name)) in known and bare not in _NOT_FILLED]
    return _filled_groups(rows, lacking)


def _node_name(model: str, node: str | None) -> str | None:
    return None if node is None else node.removeprefix(f"{model}.")


def _filled_groups(rows: Frame, names: list[str]) -> Frame:
    """The fields with `unknown` where they have no value; each gets a column of its own."""
    if not names:
        return rows
    values = {name: filled(rows.value(name), _UNKNOWN) for name in names}
    fields = {name: entry for name, entry in rows.schema.fields.items() if name not in values}
    apart = Frame(rows.program, rows.relation, rows.schema.with_fields(fields), rows.stage, rows.events)
    return apart.assign(values)


@compiles(stages.DataModel)
def compile_datamodel(stage: stages.DataModel, frame: Frame, context: Context) -> Frame:
    """The events of a data set, its fields named after the node unless `flat`."""
    mode = (stage.mode or "").lower()
    if stage.model is None or stage.node is None or mode not in {"search", "flat", "acceleration_search"}:
        raise Refusal(
            "datamodel shows no definitions here, only the events of a data set",
            span=stage.span,
            code="RUN035",
            hint="write: datamodel Endpoint Processes search",
        )
    data_set = find_data_set(stage.model, stage.node, context, stage)
    rows = _with_fields(data_set, frame, context)
    if stage.flat or mode == "flat":
        return rows
    prefix = ".".join(data_set.nodes[:1]) or data_set.node
    renamed = {
        (f"{prefix}.{name}" if name in data_set.fields and name not in _NOT_FILLED else name): entry
        for name, entry in rows.schema.fields.items()
    }
    return Frame(rows.program, rows.relation, rows.schema.with_fields(renamed), rows.stage, rows.events)


def _with_fields(data_set: DataSet, frame: Frame, context: Context) -> Frame:
    """The events of the data set; a field of it that they lack is an empty one."""
    rows = model_events(data_set, frame, context, data_set.fields)
    return rows.choose(list(dict.fromkeys([*rows.schema.names(), *data_set.fields])))


@compiles(stages.From)
def compile_from(stage: stages.From, frame: Frame, context: Context) -> Frame:
    """The events of a data set of a data model, or the rows of a lookup table."""
    kind = stage.dataset_kind.lower()
    if kind == "datamodel":
        model, _, node = stage.name.partition(".")
        return _with_fields(find_data_set(model, node or None, context, stage), frame, context)
    if kind in {"lookup", "inputlookup"}:
        return table_rows(find_table(stage.name, context, stage), frame, context, stage)
    if kind == "index":
        rows = context.events_frame(frame.program, f"{frame.stage}_events").at(frame.stage)
        return rows.filter(compile_predicate(ir.Compare("index", "eq", (stage.name,), ignore_case=True), rows, context))
    raise Refusal(f"from {kind}: reads what a Splunk server stores", span=stage.span, code="RUN010")
