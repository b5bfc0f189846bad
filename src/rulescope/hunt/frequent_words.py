"""Which words occur in a large part of a load, so that terms that occur nowhere need not be looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rulescope import ir

if TYPE_CHECKING:
    from rulescope.engines.duckdb.connection import Connection

LEAST = 3
"""Letters and digits that a word must have to be kept; most parts have all shorter ones."""

_WORD = re.compile(rf"[a-z0-9]{{{LEAST},}}")


def find_words(connection: Connection, relation: str) -> str:
    """The runs of ASCII letters and digits in the raw events of a SELECT, each once, in lower case, one a line."""
    # Raw events repeat themselves a lot: most of what stands between two angle brackets or line breaks has been there
    # before, and words are then picked out of a tenth of the text.
    rows = connection.execute(
        "SELECT DISTINCT unnest(regexp_extract_all(lower(piece), ?)) FROM (SELECT DISTINCT "
        f"unnest(string_split(translate(_raw, chr(10), '<'), '<')) AS piece FROM ({relation}))",
        [_WORD.pattern],
    ).fetchall()
    return "\n".join(row[0] for row in rows)


class Words:
    """The words of some kinds of events, each kind's as `find_words` gives them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = tuple(texts)
        self._known: dict[str, bool] = {}

    def lack(self, term: ir.Term) -> bool:
        """Whether no event can hold the term; false where that can't be told."""
        text = term.text.lower()
        return text.isascii() and any(not self._has(word) for word in _WORD.findall(text))

    def _has(self, word: str) -> bool:
        """Whether the word is part of some word: a term may begin and end inside of one."""
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = any(word in text for text in self._texts)
        return known
