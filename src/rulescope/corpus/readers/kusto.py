"""Kusto queries: hunting queries in Markdown, Sentinel's analytics rules in YAML, and plain files of one query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rulescope.corpus.frame import RuleFrame, alert_condition, with_problems
from rulescope.corpus.model import FileContent, RuleFile
from rulescope.corpus.parsed import LayoutReader, ParsedFile, child, text_of, texts_of
from rulescope.corpus.readers.plain_file import read_plain_file
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.text import Diagnostic, Source, Span
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence, scalar_source

_FENCE = re.compile(r"^[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<tag>(?i:kql|kusto|csl)?)(?P<rest>.*)$", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(\S.*)$", re.MULTILINE)
_OPERATOR = re.compile(
    r"^[ \t]*\|[ \t]*(?:where|extend|summarize|project(?:-\w+)?|distinct|join|union|lookup|sort|order|top|take|limit"
    r"|count|mv-expand|mv-apply|parse|render|invoke|evaluate|make-series|search)\b",
    re.MULTILINE | re.IGNORECASE,
)
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_TABLE_ROW = re.compile(r"^[ \t]*\|(.*)\|?[ \t]*$", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s<>()\]|]+(?:\([^\s<>()]*\)[^\s<>()\]|]*)*")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*(?:[ ][^()\n]*)?\)")
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]*[^*\s])\1(?![\w*])")
_AUTHOR_NAME = re.compile(r"\bname:[ \t]*\**[ \t]*(\S[^\n]*)", re.IGNORECASE)
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_COMMENT = re.compile(r"\s*//[ \t]*([^\n]*)")
_PRODUCTS = ("sentinel", "defender", "xdr", "log analytics", "azure", "m365", "microsoft", "graph")
_PLAIN_HEADINGS = frozenset({"description", "reference", "risk", "query information", "query", "detection", "note"})
_SCHEDULE = frozenset({"queryFrequency", "queryPeriod"})
_TRIGGERS = {
    "gt": "more than", "greaterthan": "more than", "lt": "less than", "lessthan": "less than", "eq": "exactly",
    "equal": "exactly", "ne": "other than", "notequal": "other than",
}  # fmt: skip
_MOST_BLOCKS = 500
"""Queries of one Markdown file; the longest real one has some twenty."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of code that holds a query: its place in the file, and the headings it stands under.

    `cut`: more of it may stand after its end.
    """

    start: int
    end: int
    headings: tuple[str, ...]
    cut: bool = False


def _blocks(text: str) -> Iterator[_Block]:
    """The blocks whose fence names the language, and those without a name that hold Kusto's operators."""
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
    odd = open_at is not None and not open_at[1]
    headings = _HEADING.finditer(text)
    following = next(headings, None)
    above: list[tuple[int, str]] = []
    last = 0
    for number, (start, end) in enumerate(spans):
        # `#` lines inside queries are no headings.
        while following is not None and following.start() < start:
            if following.start() >= last:
                level = len(following[1])
                while above and above[-1][0] >= level:
                    above.pop()
                above.append((level, following[2].rstrip(" \t#")))
            following = next(headings, None)
        last = end
        if text[start:end].strip():
            until = spans[number + 1][0] if number + 1 < len(spans) else len(text)
            cut = _goes_on(text[end:until]) or (odd and number + 1 == len(spans))
            yield _Block(start, end, tuple(title for _, title in above), cut)


def _goes_on(prose: str) -> bool:
    """Whether what follows a block, up to the next heading, is more of its query: a line of an operator, and no row of
    a table."""
    heading = _HEADING.search(prose)
    after = prose[: heading.start() if heading else len(prose)]
    return any("|" not in after[one.end() :].partition("\n")[0] for one in _OPERATOR.finditer(after))


def _section(text: str, name: str) -> str | None:
    """The text under the first heading that begins with `name`, up to the next heading or block of code."""
    for found in _HEADING.finditer(text):
        if found[2].lower().startswith(name):
            rest = text[found.end() :]
            end = re.search(r"^(?:#{1,6}[ \t]|[ \t]*(?:```|~~~))", rest, re.MULTILINE)
            return rest[: end.start() if end else len(rest)].strip() or None
    return None


def _outside_blocks(text: str) -> str:
    """The text without its blocks of code."""
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if found is None:
            if not fence:
                kept.append(line)
        elif not fence:
            fence = found["fence"]
        elif found["fence"].startswith(fence) and not found["tag"] and not found["rest"].strip():
            fence = ""
    return "\n".join(kept)


def _first_paragraphs(preface: str) -> str | None:
    """The prose right under the title, where no heading names it: up to the next heading, tables left out."""
    title = _HEADING.search(preface)
    rest = preface[title.end() :] if title else ""
    end = _HEADING.search(rest)
    lines = _outside_blocks(rest[: end.start()] if end else rest).split("\n")
    prose = [line for line in lines if not _TABLE_ROW.fullmatch(line) and line.strip().strip("-*_=")]
    return "\n".join(prose).strip() or None


def _plain(text: str | None) -> str | None:
    """Markdown as people read it: a link is its words, emphasis has no signs."""
    return None if text is None else _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text)).strip() or None


def _author(text: str) -> str | None:
    """Who wrote the query: the name under the heading for it, else what is said there first."""
    section = _section(text, "author") or ""
    name = _AUTHOR_NAME.search(section)
    if name is not None:
        return name[1].strip(" *_") or None
    account = re.search(r"github\.com/([\w-]+)", section)
    return account[1] if account else None


def _references(text: str, section: str | None) -> tuple[str, ...]:
    """The addresses under the heading for them, else those in the prose; ATT&CK's own pages are shown as such."""
    found = _ADDRESS.findall(section if section is not None else _outside_blocks(text))
    kept = (address.rstrip(".,;:*\"'") for address in found)
    return tuple(dict.fromkeys(one for one in kept if section is not None or "attack.mitre.org/" not in one))


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
    found = list(_blocks(text))
    if len(found) > _MOST_BLOCKS:
        message = f"the file holds {len(found):,} queries; those from here on are not read"
        place = found[_MOST_BLOCKS]
        hint = f"part it into files of at most {_MOST_BLOCKS} queries"
        parsed.report("RUL018", message, Span(place.start, place.end), "error", hint)
        del found[_MOST_BLOCKS:]
    blocks = [block for block in found if not text[block.start : block.end].lstrip().startswith("|")]
    for block in found:
        if block not in blocks:
            message = "a block that begins with a pipe is a part to add to another query, and no rule of its own"
            parsed.report("RUL017", message, Span(block.start, block.end), "info")
    if not blocks:
        return FileContent(file, "no rule", MARKDOWN.name)
    preface = text[: blocks[0].start]
    first = _HEADING.search(preface)
    title = (_plain(first[2].strip("*_# \t")) if first else None) or file.stem
    description = _plain(_section(text, "description") or _first_paragraphs(preface))
    references = _references(text, _section(text, "reference"))
    author = _author(text)
    path = file.catalog_path
    attack = _techniques(preface)
    implementation = _plain(_section(text, "risk"))
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
            description=description,
            author=author,
            license=file.license,
            references=references,
            attack=attack,
            implementation=implementation,
            data_categories=_folders(file.relative),
            variant_group=path if len(blocks) > 1 else None,
            variant_label=shown,
        )
        source = Source(text[block.start : block.end], path, text, ((0, block.start),))
        rules.append(RuleFile(info, source, with_problems(None, _cut_problems(parsed, block))))
    return FileContent(file, "rules", MARKDOWN.name, rules=tuple(rules))


def _cut_problems(parsed: ParsedFile, block: _Block) -> tuple[Diagnostic, ...]:
    """Where a fence may have closed the block too soon: what was read finds more than the whole query."""
    if not block.cut:
        return ()
    message = "a fence of code that has no other may cut this query: what follows it is not read"
    parsed.report(
        "RUL027", message, Span(block.end, block.end), "warning", "remove the stray fence, or close the block"
    )
    return (Diagnostic("RUL027", message),)


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
            parsed.report_no_query("query", query, Span(document.start, document.start))
            continue
        info = _sentinel_info(parsed, document, parsed.document_path(index))
        source = scalar_source(parsed.text, query, parsed.file.catalog_path)
        recurring = not _SCHEDULE.isdisjoint(document.entries)
        frame = RuleFrame(recurring=True) if recurring else None
        rules.append(RuleFile(info, source, with_problems(frame, _trigger(document.entries))))
    return FileContent(parsed.file, "rules" if rules else "failed", SENTINEL.name, rules=tuple(rules))


def _sentinel_info(parsed: ParsedFile, document: YamlMapping, path: str) -> RuleInfo:
    entries = document.entries
    techniques = texts_of(entries.get("relevantTechniques")) or texts_of(entries.get("techniques"))
    # Written as one word there: CredentialAccess.
    tactics = [_INNER_CAPITAL.sub(" ", tactic) for tactic in texts_of(entries.get("tactics"))]
    tables: list[str] = []
    connectors = entries.get("requiredDataConnectors")
    connectors_named: list[str] = []
    for connector in connectors.items if isinstance(connectors, YamlSequence) else ():
        connectors_named += texts_of(child(connector, "connectorId"))
        tables += texts_of(child(connector, "dataTypes"))
    # The file lists tactics and techniques apart: which belongs to which is not said.
    only = tactics[0] if len(tactics) == 1 else None
    attack = [Attack(one.strip().upper(), only) for one in techniques]
    attack += [] if only is not None and attack else [Attack(None, tactic) for tactic in tactics]
    # Sentinel's own rules put quotes around the text inside the block.
    description = (text_of(entries.get("description")) or "").strip("'")
    author = child(child(entries.get("metadata"), "author"), "name")
    return RuleInfo(
        path=path,
        repository=parsed.file.repository,
        language="kusto",
        title=text_of(entries.get("name")) or parsed.file.stem,
        identifier=text_of(entries.get("id")),
        description=_plain(description),
        author=text_of(author),
        severity=text_of(entries.get("severity")),
        status=text_of(entries.get("status")),
        kind=text_of(entries.get("kind")),
        license=parsed.file.license,
        attack=tuple(attack),
        log_source=LogSource(names=tuple(dict.fromkeys(tables))),
        data_categories=tuple(dict.fromkeys(connectors_named)),
        tags=texts_of(entries.get("tags")),
        references=_references(description, None),
        implementation=_schedule(entries),
        fields=_entity_columns(entries.get("entityMappings")),
    )


def _trigger(entries: Mapping[str, YamlNode]) -> tuple[Diagnostic, ...]:
    """That the rule fires on a number of results, where that is not one or more: hits here are counted without it.

    Source: Microsoft Sentinel, "Create custom analytics rules", "Alert threshold".
    """
    operator, threshold = (text_of(entries.get(key)) for key in ("triggerOperator", "triggerThreshold"))
    word = _TRIGGERS.get((operator or "gt").lower(), operator)
    if threshold is None or (threshold == "0" and word in ("more than", "other than")):
        return ()
    return (alert_condition(f"{word} {threshold} results"),)


def _schedule(entries: Mapping[str, YamlNode]) -> str | None:
    """When an analytics rule runs, over which time, and how many results fire it."""
    frequency, period = (text_of(entries.get(key)) for key in ("queryFrequency", "queryPeriod"))
    operator, threshold = (text_of(entries.get(key)) for key in ("triggerOperator", "triggerThreshold"))
    parts: list[str] = []
    if frequency:
        parts.append(f"runs every {frequency}")
    if period:
        parts.append(f"over the last {period}")
    if operator and threshold:
        words = _TRIGGERS.get(operator.lower(), operator)
        parts.append(f"fires on {words} {threshold} results")
    sentence = ", ".join(parts)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else None


def _entity_columns(mappings: YamlNode | None) -> tuple[str, ...]:
    """The columns that name the users, hosts and addresses of a hit."""
    found: list[str] = []
    for mapping in mappings.items if isinstance(mappings, YamlSequence) else ():
        fields = child(mapping, "fieldMappings")
        for field in fields.items if isinstance(fields, YamlSequence) else ():
            found += texts_of(child(field, "columnName"))
    return tuple(dict.fromkeys(found))


def _read_plain(parsed: ParsedFile) -> FileContent:
    return read_plain_file(parsed, PLAIN.name, "kusto", _COMMENT)


MARKDOWN = LayoutReader("kusto markdown", (".md",), _is_markdown, _read_markdown)
SENTINEL = LayoutReader("sentinel", (".yml", ".yaml"), _is_sentinel, _read_sentinel)
PLAIN = LayoutReader("kusto", (".kql", ".kusto", ".csl"), lambda parsed: bool(parsed.text.strip()), _read_plain)
