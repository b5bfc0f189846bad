"""Kusto queries: hunting queries in Markdown, Sentinel's analytics rules in YAML, and plain files of one query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rulescope.corpus.model import FileContent, RuleFile
from rulescope.corpus.parsed import ParsedFile, Reader, child, text_of, texts_of
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.text import Source, Span
from rulescope.text.yaml_document import YamlMapping, YamlScalar, YamlSequence, scalar_source

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>(?i:kql|kusto|csl)?)(?P<rest>.*)$", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*?)[ \t#]*$", re.MULTILINE)
_OPERATOR = re.compile(
    r"^[ \t]*\|[ \t]*(?:where|extend|summarize|project(?:-\w+)?|distinct|join|union|lookup|sort|order|top|take|limit"
    r"|count|mv-expand|mv-apply|parse|render|invoke|evaluate|make-series|search)\b",
    re.MULTILINE | re.IGNORECASE,
)
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_TABLE_ROW = re.compile(r"^[ \t]*\|(.*)\|?[ \t]*$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s<>()\]|]+(?:\([^\s<>()]*\)[^\s<>()\]|]*)*")
_COMMENT = re.compile(r"\s*//[ \t]*([^\n]*)")
_PRODUCTS = ("sentinel", "defender", "xdr", "log analytics", "azure", "m365", "microsoft", "graph")
_PLAIN_HEADINGS = frozenset({"description", "reference", "risk", "query information", "query", "detection", "note"})
_MOST_BLOCKS = 500
"""Queries of one Markdown file; the longest real one has some twenty."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of code that holds a query: its place in the file, and the headings it stands under."""

    start: int
    end: int
    headings: tuple[str, ...]


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks whose fence names the language, and those without a name that hold Kusto's operators."""
    headings = [(found.start(), len(found[1]), found[2]) for found in _HEADING.finditer(text)]
    open_at: tuple[str, bool, int] | None = None
    spans: list[tuple[int, int]] = []
    for found in _FENCE.finditer(text):
        fence, rest = found["fence"], found["rest"]
        if open_at is None:
            named = bool(found["tag"])
            if named or not rest.strip():
                open_at = (fence, named, found.end("tag") if named else found.end())
            else:
                open_at = (fence, False, -1)
        elif fence[0] == open_at[0][0] and len(fence) >= len(open_at[0]) and not rest.strip() and not found["tag"]:
            if open_at[2] >= 0 and (open_at[1] or _OPERATOR.search(text, open_at[2], found.start())):
                spans.append((open_at[2], found.start()))
            open_at = None
    if open_at is not None and open_at[2] >= 0 and open_at[1]:
        # A block that nothing closes goes on to the end, as CommonMark has it.
        spans.append((open_at[2], len(text)))
    for start, end in spans[:_MOST_BLOCKS]:
        if text[start:end].strip():
            yield _Block(start, end, _above(headings, start, spans))


def _above(headings: list[tuple[int, int, str]], place: int, spans: list[tuple[int, int]]) -> tuple[str, ...]:
    """The headings that a place stands under, outermost first; `#` lines inside queries are none."""
    kept: list[tuple[int, str]] = []
    for start, level, title in headings:
        if start >= place:
            break
        if any(first <= start < last for first, last in spans):
            continue
        while kept and kept[-1][0] >= level:
            kept.pop()
        kept.append((level, title))
    return tuple(title for _, title in kept)


def _section(text: str, name: str) -> str | None:
    """The text under the first heading that begins with `name`, up to the next heading or block of code."""
    for found in _HEADING.finditer(text):
        if found[2].lower().startswith(name):
            rest = text[found.end() :]
            end = re.search(r"^(?:#{1,6}[ \t]|[ \t]*(?:```|~~~))", rest, re.MULTILINE)
            return rest[: end.start() if end else len(rest)].strip() or None
    return None


def _techniques(text: str) -> tuple[Attack, ...]:
    """The techniques in the first cells of the file's tables."""
    found: dict[str, None] = {}
    for row in _TABLE_ROW.finditer(text):
        cells = [cell.strip() for cell in row[1].split("|")]
        technique = _TECHNIQUE.fullmatch(cells[0]) if cells else None
        if technique is not None:
            found[technique.group()] = None
    return tuple(Attack(identifier) for identifier in found)


def _label(headings: tuple[str, ...]) -> str | None:
    """The product that a query is for, where its heading names one."""
    for heading in reversed(headings[1:]):
        if any(product in heading.lower() for product in _PRODUCTS) and len(heading) < 80:
            return heading
    return None


def _is_markdown(parsed: ParsedFile) -> bool:
    return next(_blocks(parsed.text), None) is not None


def _read_markdown(parsed: ParsedFile) -> FileContent:
    text, file = parsed.text, parsed.file
    blocks = list(_blocks(text))
    preface = text[: blocks[0].start]
    first = _HEADING.search(preface)
    title = first[2].strip("*_ ") if first else file.stem
    references = _section(text, "reference")
    path = file.catalog_path
    attack = _techniques(preface)
    labels = [_label(block.headings) for block in blocks]
    rules: list[RuleFile] = []
    for number, block in enumerate(blocks, 1):
        label = labels[number - 1]
        last = block.headings[-1] if len(block.headings) > 1 and label is None else None
        other = None if last is None or last.lower().rstrip("s :") in _PLAIN_HEADINGS else last
        shown = label or (other if len(blocks) > 1 else None)
        if shown is None and len(blocks) > 1 and number > 1:
            shown = str(number)
        info = RuleInfo(
            path=path if number == 1 else f"{path}#{number}",
            repository=file.repository,
            language="kusto",
            title=f"{title} ({shown})" if shown else title,
            description=_section(text, "description"),
            license=file.license,
            references=tuple(dict.fromkeys(_ADDRESS.findall(references))) if references else (),
            attack=attack,
            implementation=_section(text, "risk"),
            data_categories=_folders(file.relative),
            variant_group=path if len(blocks) > 1 else None,
            variant_label=shown,
        )
        source = Source(text[block.start : block.end], path, text, ((0, block.start),))
        rules.append(RuleFile(info, source))
    return FileContent(file, "rules", MARKDOWN.name, rules=tuple(rules))


def _folders(relative: str) -> tuple[str, ...]:
    folder = relative.partition("/")[0] if "/" in relative else ""
    return (folder,) if folder else ()


def _is_sentinel(parsed: ParsedFile) -> bool:
    return any(
        "query" in document.entries
        and any(key in document.entries for key in ("queryFrequency", "requiredDataConnectors", "tactics"))
        for document in parsed.documents
    )


def _read_sentinel(parsed: ParsedFile) -> FileContent:
    rules: list[RuleFile] = []
    for index, document in enumerate(parsed.documents):
        query = document.entries.get("query")
        if not isinstance(query, YamlScalar) or not query.value.strip():
            message = "the rule has no query: 'query' is missing or empty"
            parsed.report("RUL004", message, Span(document.start, document.start))
            continue
        info = _sentinel_info(parsed, document, parsed.document_path(index))
        rules.append(RuleFile(info, scalar_source(parsed.text, query, parsed.file.catalog_path)))
    return FileContent(parsed.file, "rules" if rules else "failed", SENTINEL.name, rules=tuple(rules))


def _sentinel_info(parsed: ParsedFile, document: YamlMapping, path: str) -> RuleInfo:
    entries = document.entries
    techniques = texts_of(entries.get("relevantTechniques")) or texts_of(entries.get("techniques"))
    tactics = texts_of(entries.get("tactics"))
    tables: list[str] = []
    connectors = entries.get("requiredDataConnectors")
    for connector in connectors.items if isinstance(connectors, YamlSequence) else ():
        tables += texts_of(child(connector, "dataTypes"))
    # The file lists tactics and techniques apart: which belongs to which is not said.
    only = tactics[0] if len(tactics) == 1 else None
    attack = [Attack(one.strip().upper(), only) for one in techniques]
    attack += [] if only is not None and attack else [Attack(None, tactic) for tactic in tactics]
    return RuleInfo(
        path=path,
        repository=parsed.file.repository,
        language="kusto",
        title=text_of(entries.get("name")) or parsed.file.stem,
        identifier=text_of(entries.get("id")),
        description=text_of(entries.get("description")),
        severity=text_of(entries.get("severity")),
        status=text_of(entries.get("status")),
        kind=text_of(entries.get("kind")),
        license=parsed.file.license,
        attack=tuple(attack),
        log_source=LogSource(names=tuple(dict.fromkeys(tables))),
        tags=texts_of(entries.get("tags")),
    )


def _read_plain(parsed: ParsedFile) -> FileContent:
    comments: list[str] = []
    place = 0
    while (found := _COMMENT.match(parsed.text, place)) is not None:
        comments.append(found[1].strip())
        place = found.end()
    if not parsed.text[place:].strip():
        parsed.report("RUL004", "the file holds no query")
        return FileContent(parsed.file, "failed", PLAIN.name)
    info = RuleInfo(
        path=parsed.file.catalog_path,
        repository=parsed.file.repository,
        language="kusto",
        title=parsed.file.stem.replace("_", " ").strip() or parsed.file.name,
        description="\n".join(comment for comment in comments if comment) or None,
        license=parsed.file.license,
    )
    rule = RuleFile(info, Source(parsed.text, parsed.file.catalog_path))
    return FileContent(parsed.file, "rules", PLAIN.name, rules=(rule,))


MARKDOWN = Reader("kusto markdown", (".md",), _is_markdown, _read_markdown)
SENTINEL = Reader("sentinel", (".yml", ".yaml"), _is_sentinel, _read_sentinel)
PLAIN = Reader("kusto", (".kql", ".kusto", ".csl"), lambda parsed: bool(parsed.text.strip()), _read_plain)
