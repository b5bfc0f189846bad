"""One plain-English sentence a stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rulescope import ir
from rulescope.analysis.explain_detecting import DETECTING_SENTENCES
from rulescope.analysis.explain_words import (
    aggregate_words,
    condition_words,
    expression_words,
    field_list,
    group_names,
    interval_words,
    listed,
    quoted_text,
    shortened,
)
from rulescope.analysis.vocabulary import macro_description
from rulescope.ir import stages
from rulescope.ir.json_form import expression_text


def explanation(stage: ir.Stage) -> str:
    """One sentence that says what a stage does, for a reader who does not know the language."""
    sentence = _SENTENCES.get(type(stage))
    return sentence(stage) if sentence is not None else _unknown(stage)


def _kept(condition: str) -> str:
    return f"Keeps events {condition}." if condition else "Keeps every event."


def _search(stage: stages.Search) -> str:
    return "Keeps every event." if stage.predicate is None else _kept(condition_words(stage.predicate))


def _where(stage: stages.Where | stages.Regex) -> str:
    return _kept(condition_words(stage.predicate))


def _head(stage: stages.Head) -> str:
    if stage.condition is not None:
        return f"Keeps rows up to the first one that is not one {expression_words(stage.condition)}."
    first = "earliest" if stage.in_time else "first"
    return f"Keeps the {first} {_rows(stage.count or 0)}."


def _dedup(stage: stages.Dedup) -> str:
    kept = "the first row" if stage.count == 1 else f"the first {stage.count} rows"
    return f"Keeps {kept} of each combination of {field_list(stage.fields)}."


def _sort(stage: stages.Sort) -> str:
    keys = listed([f"{key.field}{' (greatest first)' if key.descending else ''}" for key in stage.keys])
    limit = f" and keeps the first {_rows(stage.count)}" if stage.count and not stage.by_default else ""
    return f"Orders rows by {keys or 'nothing'}{limit}."


def _stats(stage: stages.Stats) -> str:
    what = listed([aggregate_words(one) for one in stage.aggregates])
    if stage.by:
        return f"Groups by {field_list(stage.by)} and collects {what}."
    return f"Puts all rows into one with {what}."


def _event_stats(stage: stages.EventStats) -> str:
    within = f" among rows with the same {field_list(stage.by)}" if stage.by else " over all rows"
    return f"Adds to each row {listed([aggregate_words(one) for one in stage.aggregates])}{within}."


def _stream_stats(stage: stages.StreamStats) -> str:
    within = f" with the same {field_list(stage.by)}" if stage.by else ""
    span = f"the last {stage.window} rows" if stage.window else "the rows so far"
    if stage.time_window is not None:
        span = f"the rows of the last {interval_words(stage.time_window)}"
    what = listed([aggregate_words(one) for one in stage.aggregates])
    return f"Adds to each row {what} over {span}{within}."


def _chart(stage: stages.Chart | stages.TimeChart) -> str:
    what = listed([aggregate_words(one) for one in stage.aggregates])
    if isinstance(stage, stages.TimeChart):
        over = f"_time in steps of {interval_words(stage.interval)}" if stage.interval else "_time"
    else:
        over = stage.over.field if stage.over else "nothing"
    by = f", a column for each {stage.by.field}" if stage.by else ""
    return f"Makes a table of {what}: a row for each {over}{by}."


def _top(stage: stages.Top) -> str:
    which = "least" if stage.rare else "most"
    within = f" for each {field_list(stage.by)}" if stage.by else ""
    number = f"the {stage.limit} {which} frequent values" if stage.limit else "all values"
    return f"Lists {number} of {field_list(stage.fields)}{within}, with how often they occur."


def _transaction(stage: stages.Transaction) -> str:
    by = f" with the same {field_list(stage.fields)}" if stage.fields else ""
    limits = f" within {interval_words(stage.max_span)}" if stage.max_span else ""
    start = f", starting with events {condition_words(stage.starts_with)}" if stage.starts_with else ""
    end = f", ending with events {condition_words(stage.ends_with)}" if stage.ends_with else ""
    return f"Puts events{by}{limits} together into one row{start}{end}."


def _tstats(stage: stages.TStats) -> str:
    name = f"{stage.model}.{stage.node}" if stage.model and stage.node else stage.model
    where = f" {condition_words(stage.where)}" if stage.where is not None else ""
    source = f"the data model {name}" if name else "the indexes"
    by = f"groups them by {field_list(stage.by)} and collects" if stage.by else "puts them into one row with"
    return f"Takes the events of {source}{where}; {by} {listed([aggregate_words(one) for one in stage.aggregates])}."


def _eval(stage: stages.Eval | stages.FieldFormat) -> str:
    parts = []
    for assignment in stage.assignments:
        if isinstance(assignment, ir.MacroCall):
            parts.append(f"what the macro {assignment.name} computes")
        else:
            parts.append(f"{assignment.target} to {shortened(expression_text(assignment.expression, 'plain'))}")
    shown = ", for display only" if isinstance(stage, stages.FieldFormat) else ""
    return f"Sets {listed(parts)}{shown}."


def _rex(stage: stages.Rex) -> str:
    place = "the raw event" if stage.field == "_raw" else stage.field
    if stage.sed:
        return f"Rewrites {place} by {shortened(stage.pattern)}."
    names = group_names(stage.pattern)
    return f"Extracts {listed(names)} from {place} by a regular expression." if names else f"Matches {place}."


def _lookup(stage: stages.Lookup) -> str:
    keys = listed([key.event_field for key in stage.keys])
    outputs = listed([output.event_field for output in stage.outputs]) or "all of its columns"
    missing = " where they are missing" if stage.output_new else ""
    return f"Looks {keys or 'rows'} up in the table {stage.name} and adds {outputs}{missing}."


def _rename(stage: stages.Rename) -> str:
    return f"Renames {listed([f'{one.source} to {one.target}' for one in stage.renamings])}."


def _bucket(stage: stages.Bucket) -> str:
    steps = f"steps of {interval_words(stage.interval)}" if stage.interval else "steps"
    if stage.bins and not stage.interval:
        steps = f"at most {stage.bins} steps"
    alias = f" as {stage.alias}" if stage.alias else ""
    return f"Puts {stage.field} into {steps}{alias}."


def _join(stage: stages.Join) -> str:
    by = listed([left if left == right or not right else f"{left} (there {right})" for left, right in stage.fields])
    by = by or "every field that both have"
    how = stage.how
    if "anti" in how or "semi" in how:
        match = "no row" if "anti" in how else "a row"
        if how.startswith("right"):
            return f"Goes on with the subsearch's rows that agree with {match} of these in {by}."
        return f"Keeps the rows that agree with {match} of a subsearch in {by}."
    kept = "keeping rows without a match" if stage.outer else "dropping rows without a match"
    if how.startswith("full"):
        kept = "keeping rows of both without a match"
    elif how.startswith("right"):
        kept = "keeping the subsearch's rows without a match, dropping the others"
    return f"Adds the fields of a subsearch's rows that agree in {by}, {kept}."


def _from(stage: stages.From) -> str:
    return f"Begins with the rows of the {stage.dataset_kind} {stage.name}."


def _data_model(stage: stages.DataModel) -> str:
    name = f"{stage.model}.{stage.node}" if stage.node else stage.model
    return f"Begins with the events of the data model {name}." if name else "Lists the data models."


def _input_lookup(stage: stages.InputLookup | stages.InputCsv) -> str:
    where = f" {condition_words(stage.where).replace('events', 'rows')}" if stage.where is not None else ""
    verb = "Adds" if stage.append else "Begins with"
    return f"{verb} the rows of the table {stage.name}{where}."


def _fill_null(stage: stages.FillNull) -> str:
    return f"Puts {quoted_text(stage.value)} where {field_list(stage.fields) or 'any field'} is missing."


def _replace(stage: stages.Replace) -> str:
    pairs = listed([f"{quoted_text(one.pattern)} with {quoted_text(one.value)}" for one in stage.replacements])
    return f"Replaces {pairs} in {field_list(stage.fields) or 'every field'}."


def _convert(stage: stages.Convert) -> str:
    parts = [f"{one.field} by {one.function}{f' as {one.alias}' if one.alias else ''}" for one in stage.conversions]
    return f"Converts {listed(parts)}."


def _foreach(stage: stages.Foreach) -> str:
    inner = " ".join(explanation(one) for one in stage.pipeline.stages)
    return f"For each of {field_list(stage.fields)}: {inner}"


def _spath(stage: stages.Spath) -> str:
    place = "the raw event" if stage.input == "_raw" else stage.input
    if stage.path:
        return f"Takes {stage.path} out of {place}{f' as {stage.output}' if stage.output else ''}."
    return f"Takes every key out of {place} (JSON or XML)."


_TOLD = {
    "rest": "Begins with an answer of Splunk's own interface.",
    "loadjob": "Begins with the rows of an old search.",
    "savedsearch": "Begins with the rows of a saved search.",
    "sendemail": "Sends the rows by e-mail.",
    "sendalert": "Starts an alert action.",
    "grok": "Extracts fields from a text by a pattern.",
    "dissect": "Extracts fields from a text by what stands between them.",
    "project-reorder": "Puts columns into another order.",
    "join": "Adds the columns of another table's rows by a condition on both.",
    "values": "Begins with rows of values that the query holds.",
    "flatten": "Makes one row of each member of a list or object.",
    "render": "Draws the rows as a chart.",
    "invoke": "Hands the rows to a function that is kept elsewhere.",
    "evaluate": "Hands the rows to a plug-in.",
    "mv-expand": "Makes one row of each element of a list.",
    "mv-apply": "Runs a query over the elements of a list, row by row.",
    "make-series": "Makes lists of values over time, one for each group.",
    "completion": "Asks a language model about each row.",
    "fork": "Goes on with the rows in several ways at once.",
    "exceptions": "Drops events that lists of exceptions, kept beside the rule, let pass.",
}


def _command(stage: stages.Command) -> str:
    return _TOLD.get(stage.name, f"Runs the command {stage.name}.")


def _macro(stage: stages.MacroStage) -> str:
    known = macro_description(stage.macro.name, len(stage.macro.arguments))
    return known or f"Does what the macro {stage.macro.name} stands for."


def _opaque(stage: stages.Opaque) -> str:
    return f"Could not be read{f': {stage.reason}' if stage.reason else ''}."


def _unknown(stage: ir.Stage) -> str:
    return f"Runs the command {ir.stage_kind(stage)}."


def _delta(stage: stages.Delta) -> str:
    before = "the row" if stage.periods == 1 else f"{stage.periods} rows"
    return f"Adds by how much {stage.field} differs from {before} before."


def _rows(number: int) -> str:
    return "row" if number == 1 else f"{number} rows"


_SENTENCES: dict[type[ir.Stage], Callable[[Any], str]] = {
    **DETECTING_SENTENCES,
    stages.Search: _search,
    stages.Where: _where,
    stages.Regex: _where,
    stages.Head: _head,
    stages.Tail: lambda stage: (
        f"Keeps the latest {_rows(stage.count)}."
        if stage.in_time
        else f"Keeps the last {_rows(stage.count)}, last first."
    ),
    stages.Dedup: _dedup,
    stages.Uniq: lambda _: "Drops a row that is the same as the one before.",
    stages.Sort: _sort,
    stages.Reverse: lambda _: "Turns the order of the rows round.",
    stages.Append: lambda _: "Adds the rows of a subsearch after these.",
    stages.AppendCols: lambda _: "Adds the fields of a subsearch's rows, first to first.",
    stages.AppendPipe: lambda _: "Adds rows that are made of the rows so far.",
    stages.Join: _join,
    stages.SelfJoin: lambda stage: f"Joins rows that agree in {field_list(stage.fields)}.",
    stages.Union: lambda _: "Puts the rows of several searches or data sets together.",
    stages.MultiSearch: lambda _: "Puts the events of several searches together.",
    stages.SetOperation: lambda stage: f"Makes the {stage.operation} of two searches' rows.",
    stages.Map: lambda _: "Runs another search once for each row.",
    stages.Format: lambda _: "Turns the rows into a condition for the search around it.",
    stages.Return: lambda stage: (
        f"Hands {listed([item.alias or item.field for item in stage.items])} to the search around it."
    ),
    stages.TStats: _tstats,
    stages.InputLookup: _input_lookup,
    stages.InputCsv: _input_lookup,
    stages.MakeResults: lambda stage: (
        f"Begins with {_rows(stage.count)} made out of nothing."
        if stage.count != 1
        else "Begins with one row made out of nothing."
    ),
    stages.From: _from,
    stages.DataModel: _data_model,
    stages.Metadata: lambda stage: f"Begins with the first and last time and the number of events of all {stage.type}.",
    stages.MetaSearch: lambda stage: (
        "Begins with every event's metadata."
        if stage.predicate is None
        else f"Begins with the metadata of events {condition_words(stage.predicate)}."
    ),
    stages.GenTimes: lambda stage: f"Begins with a row for each interval of time from {stage.start.text}.",
    stages.OutputLookup: lambda stage: f"Writes the rows to the table {stage.name} and passes them on.",
    stages.OutputCsv: lambda stage: f"Writes the rows to the file {stage.name or 'of the search'} and passes them on.",
    stages.Collect: lambda stage: f"Writes the rows to the index {stage.index or 'for summaries'} and passes them on.",
    stages.Stats: _stats,
    stages.EventStats: _event_stats,
    stages.StreamStats: _stream_stats,
    stages.Chart: _chart,
    stages.TimeChart: _chart,
    stages.Top: _top,
    stages.XySeries: lambda stage: f"Makes a table: a row for each {stage.x}, a column for each {stage.y}.",
    stages.Untable: lambda stage: f"Turns columns into rows of {stage.x}, {stage.y} and {stage.value}.",
    stages.Transpose: lambda _: "Turns rows into columns.",
    stages.Contingency: lambda stage: f"Counts how often values of {stage.row} and {stage.column} occur together.",
    stages.AddColTotals: lambda stage: f"Adds a row with the sums of {field_list(stage.fields) or 'every number'}.",
    stages.EventCount: lambda _: "Begins with how many events the indexes hold.",
    stages.FieldSummary: lambda stage: f"Sums up the values of {field_list(stage.fields) or 'every field'}.",
    stages.Transaction: _transaction,
    stages.Concurrency: lambda stage: f"Adds, as {stage.output}, how many events overlap at each one's start.",
    stages.Table: lambda stage: f"Keeps only the fields {field_list(stage.fields)}, in this order.",
    stages.Fields: lambda stage: f"{'Keeps only' if stage.keep else 'Removes'} the fields {field_list(stage.fields)}.",
    stages.Rename: _rename,
    stages.Eval: _eval,
    stages.FieldFormat: _eval,
    stages.Rex: _rex,
    stages.Spath: _spath,
    stages.Extract: lambda _: "Extracts pairs of names and values from the raw event.",
    stages.XmlKv: lambda stage: f"Extracts the XML elements of {stage.field} as fields.",
    stages.XPath: lambda stage: f"Takes what {shortened(stage.path)} selects out of {stage.field} as {stage.output}.",
    stages.MakeMv: lambda stage: f"Splits {stage.field} into several values.",
    stages.NoMv: lambda stage: f"Joins the values of {stage.field} into one text.",
    stages.MvCombine: lambda stage: f"Merges rows that differ in {stage.field} only.",
    stages.MvExpand: lambda stage: f"Makes one row of each value of {stage.field}.",
    stages.FillNull: _fill_null,
    stages.FillDown: lambda stage: f"Fills {field_list(stage.fields) or 'every field'} with the last value before.",
    stages.Replace: _replace,
    stages.StrCat: lambda stage: f"Joins {listed([part for part, _ in stage.parts])} into {stage.target}.",
    stages.Convert: _convert,
    stages.Bucket: _bucket,
    stages.Foreach: _foreach,
    stages.IpLocation: lambda stage: f"Adds the place of the address in {stage.field}.",
    stages.Lookup: _lookup,
    stages.AddTotals: lambda stage: (
        f"Adds, as {stage.row_field}, the sum of {field_list(stage.fields) or 'every number'}."
    ),
    stages.Accum: lambda stage: f"Adds a running sum of {stage.field}.",
    stages.Delta: _delta,
    stages.AutoRegress: lambda stage: f"Adds the values of {stage.field} in the rows before.",
    stages.RangeMap: lambda stage: f"Names the range that {stage.field} falls in, as range.",
    stages.RelTime: lambda stage: f"Adds how long ago {stage.time_field} was, in words.",
    stages.SetFields: lambda stage: (
        f"Sets {listed([f'{name} to {quoted_text(value)}' for name, value in stage.values])}."
    ),
    stages.Tags: lambda _: "Adds the tags of the fields' values.",
    stages.MultiKv: lambda _: "Makes one row of each line of a table in the raw event.",
    stages.AddInfo: lambda _: "Adds the time range of the search.",
    stages.MakeContinuous: lambda stage: f"Adds rows so that {stage.field} has no gap.",
    stages.TrendLine: lambda stage: f"Adds moving averages of {listed([trend[2] for trend in stage.trends])}.",
    stages.ToJson: lambda stage: f"Puts the row's fields into {stage.output_field} as JSON.",
    stages.Command: _command,
    stages.MacroStage: _macro,
    stages.Opaque: _opaque,
}
