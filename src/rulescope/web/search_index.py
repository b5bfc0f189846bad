"""What the search in the browser needs: an index that MiniSearch loads as it is, and the texts that results show.

Everything is a script that hands over JSON text, as pages opened from a disk can't fetch. The index is made here rather
than in the browser, which would take seconds over thousands of rules. How texts are cut into words is written down
twice, in `words_of` and in `static/search.js`; a test holds them to the same words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from rulescope.api.models import SearchDocument

FIELDS = ("title", "ids", "attack", "values", "text", "other")
"""The fields of the index, in the order of MiniSearch's field numbers."""

LONGEST_WORD = 80
"""Characters of a word that the index keeps."""

MOST_TEXT = 6000
"""Characters of a description that are indexed; results show less."""

SHARD_TERMS = 24_000
"""Terms in one script of the index."""

SHARD_TEXTS = 32
"""Rules whose texts are in one script."""

_EDGES = "\"'`,;:()[]{}.!?"
_WORD = re.compile(r"\w+")
_COMPOUND = re.compile(r"\w+(?:[.\-]\w+)+")

Files = Iterator[tuple[str, bytes]]


def words_of(text: str, whole: bool) -> Iterator[str]:
    """The words of a text in lower case: runs of letters, digits and `_`, and those joined by `.` or `-`.

    `whole` adds each stretch between spaces as it is, but for brackets and quotes around it, so that `EventCode=1` and
    `\\cmd.exe` can be found.
    """
    lower = text.lower()
    for chunk in lower.split():
        plain = chunk.strip(_EDGES)
        if not plain:
            continue
        words = _WORD.findall(plain)
        for word in words:
            yield word[:LONGEST_WORD]
        if len(words) == 1 and words[0] == plain:
            continue
        compounds = _COMPOUND.findall(plain)
        for compound in compounds:
            yield compound[:LONGEST_WORD]
        if whole and not (len(compounds) == 1 and compounds[0] == plain):
            yield plain[:LONGEST_WORD]


def search_files(documents: Sequence[SearchDocument], unread_languages: Collection[str] = ()) -> Files:
    """The scripts under `search/`, by name. Rules in `unread_languages` are shown as not yet read."""
    index, lengths = _index(documents)
    terms = sorted(index)
    shards = [terms[start : start + SHARD_TERMS] for start in range(0, len(terms), SHARD_TERMS)]
    for number, shard in enumerate(shards):
        yield f"search/index-{number}.js", _script("terms", number, [(term, index[term]) for term in shard])
    texts = [documents[start : start + SHARD_TEXTS] for start in range(0, len(documents), SHARD_TEXTS)]
    for number, group in enumerate(texts):
        yield f"search/texts-{number}.js", _script("texts", number, [_texts(document) for document in group])
    yield "search/rules.js", _script("rules", 0, _rules(documents, lengths))
    manifest = {
        "shards": len(shards),
        "texts": len(texts),
        "size": SHARD_TEXTS,
        "fields": FIELDS,
        "unread": sorted(unread_languages),
    }
    yield "search/manifest.js", b"self.rulescopeSearch=" + msgspec.json.encode(manifest) + b";\n"


def _index(documents: Sequence[SearchDocument]) -> tuple[dict[str, dict[str, dict[str, int]]], list[list[int]]]:
    """How often each term is in each field of each rule, in MiniSearch's form; and how long each field of a rule is."""
    index: dict[str, dict[str, dict[str, int]]] = {}
    lengths: list[list[int]] = []
    for position, document in enumerate(documents):
        key = str(position)
        sizes = []
        for number, words in enumerate(_fields(document)):
            counts: dict[str, int] = {}
            for word in words:
                counts[word] = counts.get(word, 0) + 1
            sizes.append(len(counts))
            field = str(number)
            for word, count in counts.items():
                index.setdefault(word, {}).setdefault(field, {})[key] = count
        lengths.append(sizes)
    return index, lengths


def _fields(document: SearchDocument) -> Iterable[Iterable[str]]:
    return (
        words_of(document.title, True),
        _each(document.identifiers, True),
        _each((*document.techniques, *document.tactics), False),
        _values(document),
        words_of(document.description[:MOST_TEXT], False),
        _each((*document.macros, *document.events, document.language, document.repository), False),
    )


def _each(texts: Iterable[str], whole: bool) -> Iterator[str]:
    for text in texts:
        yield from words_of(text, whole)


def _values(document: SearchDocument) -> Iterator[str]:
    """The words of indicators and terms; those of a field's value also without the field, and without `\\` at dots."""
    for indicator in document.indicators:
        yield from words_of(indicator, True)
        yield from _value(indicator.partition("=")[2])
    for term in document.terms:
        yield from words_of(term, True)
        yield from _value(term)


def _value(text: str) -> Iterator[str]:
    first = text.split(maxsplit=1)
    if first:
        yield from words_of(first[0], True)
    if "\\." in text:
        yield from words_of(text.replace("\\.", "."), False)


def _rules(documents: Sequence[SearchDocument], lengths: Sequence[Sequence[int]]) -> dict[str, object]:
    """The rules as results name them, column by column, and the lengths that MiniSearch ranks by."""
    count = len(documents)
    sums = [sum(sizes[number] for sizes in lengths) for number in range(len(FIELDS))]
    return {
        "slug": [document.slug for document in documents],
        "title": [document.title for document in documents],
        "language": [document.language for document in documents],
        "repository": [document.repository for document in documents],
        "parse": [document.parse for document in documents],
        "techniques": [[one for one in document.techniques if " " not in one] for document in documents],
        "lengths": lengths,
        "averages": [total / count if count else 0 for total in sums],
    }


def _texts(document: SearchDocument) -> dict[str, object]:
    return {
        "description": document.description[:600],
        "values": [text[:300] for text in document.indicators],
        "terms": [text[:300] for text in document.terms],
        "other": [*document.identifiers, *document.macros, *document.events],
    }


def _script(kind: str, number: int, value: object) -> bytes:
    """A script that hands over JSON as a string: browsers read that faster than they read it as code."""
    text = msgspec.json.encode(value)
    quoted = text.replace(b"\\", b"\\\\").replace(b"'", b"\\'")
    return b"rulescopeReceive('%s',%d,'%s');\n" % (kind.encode(), number, quoted)
