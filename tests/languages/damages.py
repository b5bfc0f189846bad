"""Damage to a query by one token: each left out, each made another word, and signs put in that belong nowhere."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rulescope.ir import ParsedQuery
from rulescope.languages.registry import parser_of
from rulescope.text import Source

FOREIGN = "zzz"
"""A word that no query and no language has."""

_TOKEN = re.compile(
    r'"""(?:.|\n)*?"""|```(?:.|\n)*?```|[hH]?@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|\d+(?:\.\d+)+|[\w$@]+|\s+|[<>=!]=|<>|=~|!~|&&|\|\||::|\.\.|.",
    re.DOTALL,
)
_COMMENT = re.compile(r"//|/\*|--|^\s*#|```", re.MULTILINE)


class Damage(NamedTuple):
    """A damaged text, and what was done: the whole text with what was damaged in double brackets.

    `⟦x⟧` was left out, `⟦x→zzz⟧` made another word, `⟦+x⟧` put in.
    """

    text: str
    shown: str


class Finding(NamedTuple):
    """A damage that changed nothing in the tree and is not said, so that what was damaged was not read."""

    damage: Damage
    before: str | None
    """An earlier damage of the same text, which the reading did not complain of either."""

    def __str__(self) -> str:
        return self.damage.shown if self.before is None else f"{self.damage.shown}   after   {self.before}"


def tokens(text: str) -> list[tuple[int, str]]:
    """The tokens of a text with their places, roughly as most languages have them."""
    return [(found.start(), found.group()) for found in _TOKEN.finditer(text) if not found.group().isspace()]


def has_comment(text: str) -> bool:
    """Whether something may stand in the text that is none of the query."""
    return _COMMENT.search(text) is not None


def damages(text: str, strays: Sequence[str]) -> Iterator[Damage]:
    """Each token left out or made the foreign word; each of the strays put before each token, and at the end."""
    found = tokens(text)
    for at, token in found:
        before, after = text[:at], text[at + len(token) :]
        yield Damage(f"{before} {after}", f"{before}⟦{token}⟧{after}")
        yield Damage(f"{before}{FOREIGN}{after}", f"{before}⟦{token}→{FOREIGN}⟧{after}")
    for at in (*(at for at, _ in found), len(text)):
        for stray in strays:
            yield Damage(f"{text[:at]} {stray} {text[at:]}", f"{text[:at]}⟦+{stray}⟧{text[at:]}")


def read_whole(language: str, text: str) -> ParsedQuery | None:
    """The text as it was read, or None where a part could not be read, or something is doubtful."""
    parsed = parser_of(language)(Source(text), None)
    doubtful = any(found.severity in ("error", "warning") for found in parsed.diagnostics)
    return None if parsed.status != "full" or doubtful else parsed


class Damaging:
    """Damages of the sound ones of some texts. `neutral` are patterns of what may be damaged without a word."""

    def __init__(self, language: str, texts: Sequence[str], strays: Sequence[str], neutral: Sequence[str]) -> None:
        self.whole = {text: parsed for text in texts if (parsed := read_whole(language, text)) is not None}
        self.tried = 0
        self._language = language
        self._strays = strays
        self._neutral = [re.compile(f"⟦{FOREIGN}→{FOREIGN}⟧")] + [
            re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in neutral
        ]

    def all(self) -> list[Finding]:
        """What is wrong with any damage of any text."""
        tried = ((self.whole[text], one) for text in self.whole for one in damages(text, self._strays))
        return [found for parsed, one in tried if (found := self._finding(parsed, one, None)) is not None]

    def sample(self, times: int, seed: str) -> list[Finding]:
        """What is wrong with so many damages, and with a damage of each damaged text that was read without a word:
        what the first one made unread, the second one finds."""
        choose = random.Random(seed)
        texts = list(self.whole)
        found: list[Finding | None] = []
        for _ in range(times):
            text = choose.choice(texts)
            first = choose.choice(list(damages(text, self._strays)))
            found.append(self._finding(self.whole[text], first, None))
            parsed = read_whole(self._language, first.text)
            if parsed is not None:
                second = choose.choice(list(damages(first.text, self._strays)))
                found.append(self._finding(parsed, second, first.shown))
        return [one for one in found if one is not None]

    def _finding(self, whole: ParsedQuery, damage: Damage, before: str | None) -> Finding | None:
        self.tried += 1
        if any(pattern.search(damage.shown) for pattern in self._neutral):
            return None
        parsed = read_whole(self._language, damage.text)
        if parsed is None or parsed.expanded != whole.expanded:
            return None
        return Finding(damage, before)
