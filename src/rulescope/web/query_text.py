"""The query as it stands in the rule, a block a stage, with values that lead to their rows and can be led back to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from rulescope.api.models import IndicatorRow, RulePage, TermRow
from rulescope.catalog.records import DiagnosticRecord, Highlight, StageRecord
from rulescope.web.fragments import has_row, shown
from rulescope.web.text import LONGEST_TEXT


@dataclass(frozen=True, slots=True)
class QueryText:
    """The query's HTML. `places` gives, for the anchor of each row, where in the query it is (without the `#`)."""

    html: Markup
    places: dict[str, str]


_BESIDE = '<span class="muted">(given beside the query)</span>'
"""In the place of a stage that has no text in the query: an index, a threshold."""


def query_text(page: RulePage) -> QueryText:
    """The query of a page, highlighted and cut into its stages."""
    text = page.body.query[:LONGEST_TEXT]
    named: set[str] = set()
    blocks: list[str] = []
    starts = _block_starts(text, page.stages)
    ends = [*starts[1:], len(text)]
    painter = _Painter(text, page.body.highlights, page.diagnostics, named)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        while end > start and text[end - 1].isspace():
            end -= 1
        first = next((place for place in range(start, end) if not text[place].isspace()), end)
        # The first line keeps its indentation, as those below it do.
        start = first if number > 1 else max(start, text.rfind("\n", start, first) + 1)
        body = painter.paint(start, end) or _BESIDE
        if page.stages:
            gutter = f'<a class="number" href="#stage-{number}" aria-label="Stage {number}">{number}</a>'
            blocks.append(f'<span class="block" id="query-{number}">{gutter}<span class="text">{body}</span></span>\n')
        else:
            blocks.append(f'<span class="block"><span class="text">{body}</span></span>\n')
    if len(page.body.query) > len(text):
        blocks.append(f'<span class="block muted">and {len(page.body.query) - len(text):,} more characters</span>')
    return QueryText(Markup("".join(blocks)), _places(page, named))


def _block_starts(text: str, stages: Sequence[StageRecord]) -> list[int]:
    """Where each stage's block begins: right after the stage before, so that the pipe opens its line."""
    starts = [0]
    for before, stage in pairwise(stages):
        starts.append(max(starts[-1], min(before.end, stage.start, len(text))))
    return starts


class _Painter:
    """Paints stretches of one query, each with its class, link, and mark where something is wrong."""

    def __init__(
        self, text: str, highlights: Sequence[Highlight], diagnostics: Iterable[DiagnosticRecord], named: set[str]
    ) -> None:
        self._text = text
        self._highlights = highlights
        self._starts = [one.start for one in highlights]
        self._wrong = sorted((one.start, one.end) for one in diagnostics if one.start < min(one.end, len(text)))
        self._named = named

    def paint(self, start: int, end: int) -> str:
        parts: list[str] = []
        here = start
        for one in self._highlights[max(0, bisect_right(self._starts, start) - 1) :]:
            if one.start >= end:
                break
            first, last = max(one.start, here), min(one.end, end)
            if first >= last:
                continue
            parts.append(self._marked(here, first))
            inner = self._marked(first, last)
            target = one.target
            if target is None or not has_row(target):
                parts.append(f'<span class="h-{one.kind}">{inner}</span>')
            else:
                anchor = shown(target)
                name = "" if target in self._named else f' id="at-{anchor}"'
                self._named.add(target)
                parts.append(f'<a class="h-{one.kind}"{name} href="#{anchor}">{inner}</a>')
            here = last
        parts.append(self._marked(here, end))
        return "".join(parts)

    def _marked(self, start: int, end: int) -> str:
        """The stretch escaped, with what diagnostics are about underlined."""
        if start >= end:
            return ""
        if not self._wrong:
            return shown(self._text[start:end])
        parts: list[str] = []
        here = start
        for first, last in self._wrong:
            first, last = max(first, here), min(last, end)
            if first < last:
                parts.append(shown(self._text[here:first]))
                parts.append(f'<mark class="wrong">{shown(self._text[first:last])}</mark>')
                here = last
        parts.append(shown(self._text[here:end]))
        return "".join(parts)


def _places(page: RulePage, named: set[str]) -> dict[str, str]:
    """Where each row is in the query: at its own mark, at that of a row of the same place, or in its stage."""
    marks = [(one.start, one.end, one.target) for one in page.body.highlights if one.target in named]
    starts = [start for start, _, _ in marks]
    places: dict[str, str] = {}
    rows: list[IndicatorRow | TermRow] = [*page.indicators, *page.exclusions, *page.thresholds]
    rows.extend(page.search_terms)
    for row in rows:
        if row.anchor in named:
            places[row.anchor] = f"at-{row.anchor}"
            continue
        near = bisect_right(starts, row.fact.start) - 1
        if near >= 0 and marks[near][0] <= row.fact.start < marks[near][1]:
            places[row.anchor] = f"at-{marks[near][2]}"
        else:
            places[row.anchor] = f"query-{row.fact.stage}"
    return places
