"""tstats: statistics over data models and indexed fields."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir.expressions import MacroCall
from rulescope.ir.predicates import Predicate
from rulescope.ir.stages import Aggregate, FieldItem, TStats
from rulescope.languages.spl.arguments import ArgumentReader, boolean_option, interval_option, text_option
from rulescope.languages.spl.commands.aggregates import at_macro_function, parse_aggregate
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.printer import aggregate_text, field_text, predicate_text, word_text
from rulescope.languages.spl.search import parse_predicate

_FROM = re.compile(r"datamodel\s*[=:]?\s*(\"[^\"]+\"(?:\.(?:\"[^\"]+\"|[\w*$-]+))*|[\w.*$-]+)", re.IGNORECASE)
_MODEL = re.compile(r"datamodel\s*[=:]\s*(?=`)", re.IGNORECASE)
_OTHER_FROM = re.compile(r"(sid\s*=\s*)?([\w.$*-]+)", re.IGNORECASE)
_OPTIONS = {
    "summariesonly": boolean_option,
    "allow_old_summaries": boolean_option,
    "prestats": boolean_option,
    "append": boolean_option,
    "local": text_option,
    "chunk_size": text_option,
    "fillnull_value": text_option,
    "include_reduced_buckets": text_option,
    "use_summary_index_values": text_option,
}
_PLAIN = ("local", "chunk_size", "include_reduced_buckets", "use_summary_index_values", "sid", "namespace")
_STOP = ("from", "where", "by", "groupby")


def _parse(arguments: ArgumentReader) -> TStats:
    found: dict[str, Any] = {}
    aggregates: list[Aggregate | MacroCall] = []
    model: str | None = None
    node: str | None = None
    where: Predicate | None = None
    by: list[FieldItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.option(_OPTIONS, found) or arguments.unknown_option(_OPTIONS):
            continue
        if arguments.keyword("from"):
            model, node = _source(arguments, found)
        elif arguments.keyword("where"):
            where, node = _node(parse_predicate(arguments, ("by", "groupby")), node)
        elif arguments.keyword("by") or arguments.keyword("groupby"):
            by = _split(arguments, found)
        elif arguments.at_macro() and not at_macro_function(arguments):
            arguments.macro_arguments.append(("", arguments.macro()))
        else:
            aggregates.append(parse_aggregate(arguments, _STOP))
    if not aggregates and not arguments.macro_arguments:
        arguments.fail(
            "SPL040", "tstats needs at least one function", hint="for example: tstats count where index=main by host"
        )
    return TStats(
        tuple(aggregates),
        model,
        node,
        where,
        tuple(by),
        found.get("span"),
        found.get("summariesonly", False),
        found.get("allow_old_summaries", False),
        found.get("prestats", False),
        found.get("append", False),
        found.get("fillnull_value"),
        tuple(sorted((name, str(found[name])) for name in _PLAIN if name in found)),
    )


def _source(arguments: ArgumentReader, found: dict[str, Any]) -> tuple[str | None, str | None]:
    named = arguments.match(_FROM)
    if named:
        model, _, node = named.group(1).replace('"', "").partition(".")
        return model, node or None
    if arguments.match(_MODEL):
        arguments.macro_arguments.append(("FROM datamodel", arguments.macro()))
        return None, None
    if arguments.at_macro():
        arguments.macro_arguments.append(("from", arguments.macro()))
        return None, None
    other = arguments.match(_OTHER_FROM)
    if not other:
        arguments.expected("datamodel=<model> after FROM")
    found["sid" if other.group(1) else "namespace"] = other.group(2)
    return None, None


def _node(predicate: Predicate | None, node: str | None) -> tuple[Predicate | None, str | None]:
    """`nodename=Model.Node` in the condition names the data set; it stays in the condition as well."""
    return predicate, node


def _split(arguments: ArgumentReader, found: dict[str, Any]) -> list[FieldItem]:
    fields: list[FieldItem] = []
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            if not fields:
                arguments.fail("SPL045", "tstats: BY needs a field", arguments.end - 2, arguments.end)
            return fields
        if arguments.option({"span": interval_option, **_OPTIONS}, found):
            continue
        fields.append(arguments.field_item())


def _render(stage: TStats) -> str:
    text = "tstats" + options_text(
        ("summariesonly", stage.summaries_only, False),
        ("allow_old_summaries", stage.allow_old_summaries, False),
        ("prestats", stage.prestats, False),
        ("append", stage.append, False),
        ("fillnull_value", stage.fill_null_value, None),
        *((name, value, None) for name, value in stage.options if name not in ("sid", "namespace")),
    )
    if stage.aggregates:
        text += " " + ", ".join(aggregate_text(aggregate) for aggregate in stage.aggregates)
    other = dict(stage.options)
    if stage.model is not None:
        text += f" FROM datamodel={word_text(stage.model if stage.node is None else f'{stage.model}.{stage.node}')}"
    elif "sid" in other:
        text += f" FROM sid={other['sid']}"
    elif "namespace" in other:
        text += f" FROM {other['namespace']}"
    if stage.where is not None:
        text += f" WHERE {predicate_text(stage.where)}"
    if stage.by:
        text += " BY " + " ".join(field_text(field) for field in stage.by)
        text += options_text(("span", stage.interval, None))
    return text


COMMAND = CommandSyntax(
    "tstats",
    "Computes statistics over a data model or over indexed fields.",
    "tstats [<option>...] <function>(<field>) [AS <field>]... [FROM datamodel=<model>[.<node>]] [WHERE <condition>] "
    "[BY <field>... [span=<span>]]",
    _parse,
    _render,
)
