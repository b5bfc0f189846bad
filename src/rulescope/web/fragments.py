"""Small pieces of HTML that are made too often for a template. Every text in them is escaped here."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape

from rulescope.api.models import RuleLink
from rulescope.web.links import Links
from rulescope.web.text import LONG_VALUE, MOST_ROWS, SHOWN_OF_LONG, visible


def shown(text: str) -> Markup:
    """The text made visible and escaped."""
    return escape(visible(text))


def has_row(anchor: str | None) -> bool:
    """Whether the page has the row of that anchor (`indicator-12`): tables end somewhere."""
    number = (anchor or "").rpartition("-")[2]
    return number.isdecimal() and int(number) <= MOST_ROWS


def code(text: str) -> Markup:
    """A value in monospace; a long one folded, with its beginning in view. An empty one says so."""
    if not text:
        return Markup('<span class="muted">(empty)</span>')
    if len(text) <= LONG_VALUE:
        return Markup('<code class="value">%s</code>') % visible(text)
    return Markup(
        '<details class="long"><summary><code class="value">%s…</code> <span class="muted">%s characters</span>'
        '</summary><code class="value">%s</code></details>'
    ) % (visible(text[:SHOWN_OF_LONG]), f"{len(text):,}", visible(text))


def rule_row(link: RuleLink, links: Links) -> str:
    """A rule as an item of a list."""
    parts = [f'<li><a href="{links.rule(link.slug)}">{shown(link.title)}</a><span class="about">']
    parts.append(f'<span class="chip">{shown(link.language)}</span> {shown(link.repository)}')
    if link.severity:
        parts.append(f" · {shown(link.severity)}")
    status = links.site.status(link.language, link.parse)
    if status != "full":
        parts.append(f' <span class="chip {status}">{STATUS_WORDS[status]}</span>')
    for technique in link.techniques[:MOST_TECHNIQUES]:
        address = links.technique(technique)
        name = shown(technique)
        parts.append(f' <a class="id" href="{address}">{name}</a>' if address else f' <span class="id">{name}</span>')
    if len(link.techniques) > MOST_TECHNIQUES:
        parts.append(f' <span class="muted">+{len(link.techniques) - MOST_TECHNIQUES}</span>')
    parts.append("</span></li>\n")
    return "".join(parts)


STATUS_WORDS = {"full": "full", "partial": "partial", "failed": "failed", "unread": "not yet read", "job": "job"}
"""How far a rule was understood, in lists."""

MOST_TECHNIQUES = 6
"""Techniques that a list names beside a rule; its page has them all."""


class RuleRows:
    """Lists of rules, each rule's item made once."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._made: dict[str, str] = {}

    def __call__(self, rules: Iterable[RuleLink]) -> Markup:
        """The items of a list of these rules."""
        made = self._made
        items = []
        for link in rules:
            item = made.get(link.slug)
            if item is None:
                item = made[link.slug] = rule_row(link, self._links)
            items.append(item)
        return Markup("".join(items))
