"""transaction: puts events that belong together into one."""

from __future__ import annotations

import re

from rulescope.ir.expressions import PredicateExpression
from rulescope.ir.predicates import Predicate, Term, Test
from rulescope.ir.stages import Transaction
from rulescope.languages.spl.arguments import (
    FALSE_WORDS,
    TRUE_WORDS,
    ArgumentReader,
    boolean_option,
    signed_interval_option,
    signed_option,
    text_option,
)
from rulescope.languages.spl.commands.option_lists import options_text, read_fields
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.conditions import lower_condition
from rulescope.languages.spl.expressions import parse_expression
from rulescope.languages.spl.inner_texts import inner_predicate
from rulescope.languages.spl.printer import fields_text, predicate_text
from rulescope.languages.spl.search import parse_predicate


def _bound(arguments: ArgumentReader) -> Predicate:
    """`startswith=` and `endswith=`: a quoted search, `eval(…)`, or a search in brackets."""
    arguments.skip()
    start = arguments.position
    if arguments.keyword("eval"):
        arguments.require("(")
        condition = lower_condition(parse_expression(arguments))
        arguments.require(")")
        span = arguments.span(start)
        return Test(PredicateExpression(condition, span), span)
    if arguments.accept("("):
        predicate = parse_predicate(arguments)
        arguments.require(")")
        return predicate if predicate is not None else Term("*", None, False, arguments.span(start))
    text = arguments.text_value("a condition")
    inner = inner_predicate(arguments.parser, text, arguments.span(start))
    return inner if inner is not None else Term(text, None, True, arguments.span(start))


_OPTIONS = {
    "name": text_option,
    "maxspan": signed_interval_option,
    "maxpause": signed_interval_option,
    "maxevents": signed_option,
    "startswith": _bound,
    "endswith": _bound,
    "keepevicted": boolean_option,
    "keeporphans": boolean_option,
    "connected": boolean_option,
    "unifyends": boolean_option,
    "mvlist": text_option,
    "delim": text_option,
    "nullstr": text_option,
    "mvraw": boolean_option,
    "maxopentxn": signed_option,
    "maxopenevents": signed_option,
}


def _parse(arguments: ArgumentReader) -> Transaction:
    found, fields = read_fields(arguments, _OPTIONS)
    mvlist = found.get("mvlist", "f")
    whole = mvlist.lower() in TRUE_WORDS
    lists = () if whole or mvlist.lower() in FALSE_WORDS else tuple(re.split(r"[\s,]+", mvlist.strip(" ,")))
    return Transaction(
        found.get("nullstr", "NULL"),
        fields,
        found.get("maxspan"),
        found.get("maxpause"),
        found.get("maxevents", 1000),
        found.get("startswith"),
        found.get("endswith"),
        found.get("keepevicted", False),
        found.get("keeporphans", False),
        found.get("connected", True),
        found.get("unifyends", False),
        whole or bool(lists),
        found.get("delim"),
        found.get("mvraw", False),
        lists,
    )


def _bound_text(name: str, predicate: Predicate | None) -> str:
    if predicate is None:
        return ""
    if isinstance(predicate, Test) and isinstance(predicate.expression, PredicateExpression):
        from rulescope.languages.spl.printer import condition_text

        return f" {name}=eval({condition_text(predicate.expression.predicate)})"
    return f" {name}=({predicate_text(predicate)})"


def _render(stage: Transaction) -> str:
    text = f"transaction {fields_text(stage.fields)}".rstrip() + options_text(
        ("maxspan", stage.max_span, None),
        ("maxpause", stage.max_pause, None),
        ("maxevents", stage.max_events, 1000),
        ("keepevicted", stage.keep_evicted, False),
        ("keeporphans", stage.keep_orphans, False),
        ("connected", stage.connected, True),
        ("unifyends", stage.unify_ends, False),
        ("mvlist", ",".join(stage.multivalue_fields) or stage.multivalue_list, False),
        ("delim", stage.delimiter, None),
        ("nullstr", stage.null_string, "NULL"),
        ("mvraw", stage.multivalue_raw, False),
    )
    return text + _bound_text("startswith", stage.starts_with) + _bound_text("endswith", stage.ends_with)


COMMAND = CommandSyntax(
    "transaction",
    "Puts events that belong together into one row.",
    (
        "transaction [<field>...] [maxspan=<span>] [maxpause=<span>] [maxevents=<n>] [startswith=<condition>]"
        " [endswith=<condition>] [<option>...]"
    ),
    _parse,
    _render,
)
