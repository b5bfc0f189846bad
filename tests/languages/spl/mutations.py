"""Searches, ways to damage them, and what must hold of what is read: for the fuzz test and `bench/fuzz_spl.py`."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import NamedTuple

from rulescope.ir import ParsedQuery, Pipeline, Stage, walk
from rulescope.ir.json_form import pipeline_json
from rulescope.ir.stages import Map
from rulescope.languages.spl import Macro, MacroLibrary, parse_search, render_pipeline
from rulescope.text import NO_SPAN, Source, Span, render_diagnostic

SEEDS = (
    'index=main sourcetype="Xml" (TERM(EventCode=1) OR "<EventID>1<") NOT user IN (a, b*, "c d") ip!=10.0.0.0/8',
    "`sysmon` EventCode=1 Image=*\\\\cmd.exe | stats count min(_time) AS first values(x) BY host | where count > 5",
    "| tstats `fast` count FROM datamodel=Endpoint.Processes WHERE Processes.a=*x* BY _time span=1h, Processes.user",
    '| makeresults | eval a=if(match(x, "(?i)a\\.b$") AND NOT isnull(\'b c\'), "p".q, case(1=1, mvindex(z, -1)))',
    "index=a [search index=b | fields user | format] | join type=left user [| inputlookup u WHERE x=1] | sort - 5 u",
    'a | rex field=_raw max_match=0 "(?<p>[^\\"|]+)" | rex mode=sed "s/a|b/c/g" | regex f!="^\\d+[a-z]"',
    "a ```note | with pipe``` | eventstats avg(eval(n*2)) AS m BY h | streamstats window=3 current=f sum(n)",
    "a | timechart span=5m limit=top5 useother=f count(eval(x=1)) AS c BY h where max in top5 | bin span=1d _time AS d",
    "x | lookup l key AS k OUTPUTNEW v AS w | foreach f* [eval <<FIELD>>=upper('<<FIELD>>')] | rename d.* AS *, a AS b",
    "| multisearch [search a earliest=-1h@h] [search b latest=now] | transaction u maxspan=1m endswith=(x=1)",
    'a | map maxsearches=1 search="search user=\\"$u$\\" | head 1" | append [| where a LIKE "%_"] | `t(1, "b")`',
    "x=1 y=2 OR z=3 | dedup 2 a b sortby -c | top limit=5 a BY b | chart sum(a) OVER b BY c | collect `idx` source=s",
)
FRAGMENTS = (
    "|", " | ", "||", "[", "]", "[|", "(", ")", "()", '"', '\\"', "'", "`", "``", "```", "\\", "\\\\", ",", ",,", "=",
    "==", "!=", "<", ">", "<=", "<>", "*", "**", "%", "!", "$x$", "$", "<<FIELD>>", "<<", "{", "}", "::", ":", "@",
    " AND ", " OR ", " NOT ", " XOR ", " IN (", " AS ", " BY ", " by", " where ", "TERM(", "CASE(", "eval(", "NOT NOT ",
    "`m`", "`m(1)`", "`loop`", "| stats ", "| eval ", "| where ", "| rex ", "[search ", "search ", "count(", "0",
    "-", "--", "+", ".", "1e999", "9" * 40, "\0", "\n", "\t", "\r\n", "\u2028", "\xa0", "é", "İ", "ß", "\U0001f600",
    "\ud800", "\ufeff", "/*", "*/", "&gt;", "#", ";", "?", "a" * 200, " " * 200, "(" * 60, "[" * 60, "-" * 60,
)  # fmt: skip
LIBRARY = MacroLibrary(
    [
        Macro("m", "a=1 OR b"),
        Macro("m", 'x="$v$" | head 1', ("v",)),
        Macro("loop", "`loop` x"),
        Macro("sysmon", "source=sysmon `m`"),
    ]
)
LIMIT = 5.0
"""How much processor time one search may take, in seconds."""

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Edit(NamedTuple):
    """One damage: what is done, where (0 to 1 of the text), and with which text."""

    kind: str
    place: float
    fragment: str


KINDS = ("delete", "delete token", "duplicate", "swap", "insert", "replace", "cut", "drop head")


def mutated(text: str, edits: Sequence[Edit]) -> str:
    """The text with the damages done one after the other."""
    for edit in edits:
        text = _apply(text, edit)
    return text


def _apply(text: str, edit: Edit) -> str:
    at = min(int(edit.place * (len(text) + 1)), len(text))
    if edit.kind == "insert" or not text:
        return text[:at] + edit.fragment + text[at:]
    if edit.kind == "replace":
        return text[:at] + edit.fragment + text[at + 1 :]
    if edit.kind == "delete":
        return text[:at] + text[at + 1 :]
    if edit.kind == "cut":
        return text[:at]
    if edit.kind == "drop head":
        return text[at:]
    tokens = _TOKEN.findall(text)
    index = min(int(edit.place * len(tokens)), len(tokens) - 1)
    if edit.kind == "delete token":
        del tokens[index]
    elif edit.kind == "duplicate":
        tokens.insert(index, tokens[index])
    else:
        other = (index * 7 + 3) % len(tokens)
        tokens[index], tokens[other] = tokens[other], tokens[index]
    return "".join(tokens)


def problems(text: str) -> list[str]:
    """What does not hold of the search that was read from `text`; an exception is one, too slow is one."""
    begun = time.process_time()
    parsed = parse_search(text)
    with_macros = parse_search(text, LIBRARY)
    found = []
    if time.process_time() - begun > LIMIT:
        found.append(f"takes longer than {LIMIT} s")
    found += _of_result(parsed, text, verbatim=True)
    found += _of_result(with_macros, text, verbatim=False)
    return found


def _of_result(parsed: ParsedQuery, text: str, *, verbatim: bool) -> list[str]:
    found = []
    if parsed.status not in ("full", "partial", "failed"):
        found.append(f"status {parsed.status}")
    if parsed.status != "full" and not any(item.severity == "error" for item in parsed.diagnostics):
        found.append(f"{parsed.status} without an error")
    source = Source(text)
    for item in parsed.diagnostics:
        render_diagnostic(item, source)
        if not _within(item.span, len(text)):
            found.append(f"{item.code} at {item.span}, outside")
    for pipeline in (parsed.pipeline, parsed.expanded):
        render_pipeline(pipeline)
        pipeline_json(pipeline, source)
        found += misplaced(pipeline, text, verbatim=verbatim)
    return found


def misplaced(pipeline: Pipeline, text: str, *, verbatim: bool) -> list[str]:
    """Nodes whose span does not lie in the text or in that of their parent, and stages that are not the text there.

    The stages of a search that `map` holds as a text in quotes are that text without its escapes.
    """
    found = []
    waiting: list[tuple[object, Span, bool]] = [(pipeline, Span(0, len(text)), verbatim)]
    while waiting:
        node, outer, exact = waiting.pop()
        span = getattr(node, "span", None)
        if span is not None and span != NO_SPAN:
            if not _within(span, len(text)):
                found.append(f"{type(node).__name__} at {span}, outside the text")
            elif not outer.start <= span.start <= span.end <= outer.end:
                found.append(f"{type(node).__name__} at {span}, outside its parent at {outer}")
            outer = span
        if exact and isinstance(node, Stage) and text[outer.start : outer.end] != node.text:
            found.append(f"{type(node).__name__}: {node.text[:60]!r} is not what stands at {outer}")
        exact = exact and not isinstance(node, Map)
        waiting += [(child, outer, exact) for child in walk.children(node)]
    return found


def _within(span: Span, length: int) -> bool:
    return 0 <= span.start <= span.end <= length
