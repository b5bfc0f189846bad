"""foreach: runs a pipeline once for every field that matches, or every item of one."""

from __future__ import annotations

import re
from typing import Any

from rulescope.ir import Pipeline
from rulescope.ir.stages import FieldItem, Foreach
from rulescope.ir.walk import transform, with_texts
from rulescope.languages.spl.arguments import ArgumentReader, text_option
from rulescope.languages.spl.commands.option_lists import options_text
from rulescope.languages.spl.commands.syntax import CommandSyntax
from rulescope.languages.spl.inner_texts import inner_commands
from rulescope.languages.spl.printer import field_text, pipeline_text

_OPTIONS = {
    "mode": text_option,
    "fieldstr": text_option,
    "matchstr": text_option,
    "matchseg1": text_option,
    "matchseg2": text_option,
    "matchseg3": text_option,
    "itemstr": text_option,
    "iterstr": text_option,
}


_TOKENS = {
    "fieldstr": "<<FIELD>>",
    "matchstr": "<<MATCHSTR>>",
    "matchseg1": "<<MATCHSEG1>>",
    "matchseg2": "<<MATCHSEG2>>",
    "matchseg3": "<<MATCHSEG3>>",
    "itemstr": "<<ITEM>>",
    "iterstr": "<<ITER>>",
}
"""The options that give a token another spelling, and the one it has in the tree."""

_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""", re.DOTALL)
_BARE = re.compile(r"<<(?:FIELD|MATCHSTR|MATCHSEG[123])>>")
_MARK = "_#{}#"
"""What stands for a token of which a name is made while it is printed: lists of fields take it without quotes, as they
do a token, and expressions do not."""
_MARKED = re.compile(r"_#(FIELD|MATCHSTR|MATCHSEG[123])#")


def _parse(arguments: ArgumentReader) -> Foreach:
    found: dict[str, Any] = {}
    fields: list[FieldItem] = []
    opening: int | None = None
    while True:
        arguments.skip_separators()
        if arguments.at_end():
            break
        if arguments.at_subsearch():
            opening = arguments.position
            arguments.position = min(arguments.parser.scan.closing[opening] + 1, arguments.end)
            continue
        if arguments.option(_OPTIONS, found):
            continue
        fields.append(arguments.field_item())
    if opening is None:
        arguments.fail(
            "SPL050",
            "foreach needs a pipeline in [ ]",
            hint="for example: foreach user* [eval <<FIELD>>=lower('<<FIELD>>')]",
        )
    mode = found.get("mode", "multifield")
    if not fields and mode != "auto_collections":
        arguments.fail("SPL045", "foreach needs a field")
    pipeline, template = _template(arguments, opening, {name: found[name] for name in _TOKENS if found.get(name)})
    return Foreach(tuple(fields), pipeline, mode, _BARE.search(_QUOTED.sub("", template)) is not None)


def _template(arguments: ArgumentReader, opening: int, spelt: dict[str, str]) -> tuple[Pipeline, str]:
    """The pipeline in the brackets that open there, and its text, with tokens as the tree has them."""
    end = arguments.position
    parser = arguments.parser
    closing = min(parser.scan.closing[opening], arguments.end)
    text = parser.written[opening + 1 : closing]
    if not spelt:
        arguments.position = opening
        pipeline = arguments.subsearch()
        arguments.position = end
        return pipeline, text
    other = {written: _TOKENS[name] for name, written in spelt.items()}
    pattern = re.compile("|".join(re.escape(written) for written in sorted(other, key=len, reverse=True)))
    text = pattern.sub(lambda token: other[token.group()], text)
    return inner_commands(parser, text, opening + 1, closing), text


def _render(stage: Foreach) -> str:
    fields = " ".join(field_text(field) for field in stage.fields)
    options = options_text(("mode", stage.mode, "multifield"))
    template = _bare_text(stage.pipeline) if stage.bare else pipeline_text(stage.pipeline, inner=True)
    return f"foreach {fields}{options} [{template}]"


def _bare_text(pipeline: Pipeline) -> str:
    """The template with tokens without quotes where a name can stand so."""
    marked = transform(pipeline, lambda node: with_texts(node, lambda text: _BARE.sub(_mark, text)))
    return _MARKED.sub(r"<<\1>>", pipeline_text(marked, inner=True))


def _mark(token: re.Match[str]) -> str:
    return _MARK.format(token.group()[2:-2])


COMMAND = CommandSyntax(
    "foreach",
    "Runs a pipeline once for every field that matches, <<FIELD>> and its kin standing for its name.",
    (
        "foreach <field>... [mode=<mode>] [fieldstr=<text>] [matchstr=<text>] [matchseg1=<text>]"
        " [itemstr=<text>] <subsearch>"
    ),
    _parse,
    _render,
)
