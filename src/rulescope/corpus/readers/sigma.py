"""Sigma rules: detections, correlations and collections of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rulescope.corpus.frame import with_problems
from rulescope.corpus.model import FileContent, RuleFile, SigmaFilter, SigmaLinks
from rulescope.corpus.parsed import LayoutReader, ParsedFile, text_of, texts_of
from rulescope.corpus.sigma_links import MOST_TEXT, SEPARATOR, TOO_LONG
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.text import Diagnostic, Source, Span, misspelt_name, nearest_name
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence

_SECTIONS = ("logsource", "detection")
_BODIES = ("detection", "correlation", "filter")
_LEADING = (*_BODIES, "logsource")
_ANCHOR = re.compile(r"(?:^|[\s:\-\[,{])[&*][A-Za-z0-9_]", re.MULTILINE)
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?", re.IGNORECASE)
_ATTACK = "attack."
_OTHER_ATTACK = re.compile(r"[gsmc]\d{4}", re.IGNORECASE)
_LIKE_TECHNIQUE = re.compile(r"(?:(?P<space>[a-z0-9&_-]+)[.:_ ])?t?(?P<number>\d{4})(?:[._:](?P<part>\d{1,3}))?")
_LEVELS = ("informational", "low", "medium", "high", "critical")
_WORD = re.compile(r"[^\s()|]+")
_OPERATORS = ("and", "or", "not")


def _is_sigma(parsed: ParsedFile) -> bool:
    """Whether a document has a title and a section of Sigma's, or a log source and a detection without a title."""
    return any(
        ("title" in entries and any(key in entries for key in _LEADING))
        or all(key in entries for key in ("logsource", "detection"))
        for entries in (document.entries for document in parsed.documents)
    )


def _read(parsed: ParsedFile) -> FileContent:
    for place in parsed.strays:
        parsed.report("RUL023", "a document that is no map can't be told what it is", place)
    # Any document may serve any other: what could not be read may be a filter, a template, a part of a correlation.
    lost = [_of_part(parsed, one.diagnostic) for one in parsed.problems if one.diagnostic.severity == "error"]
    rules = tuple(_rules(parsed, lost))
    filters = tuple(_filters(parsed))
    return FileContent(parsed.file, "rules" if rules else "supporting", READER.name, rules=rules, filters=filters)


def _of_part(parsed: ParsedFile, found: Diagnostic) -> Diagnostic:
    """A fault of one document as the rules beside it tell it: with its place, which is in none of them."""
    line = parsed.source.position(found.span.start).line
    return replace(found, message=f"a part of the file can't be read (line {line}): {found.message}")


def _rules(parsed: ParsedFile, lost: Sequence[Diagnostic]) -> Iterator[RuleFile]:
    """The rules of a file. What they take from other documents of it (templates, rules that a correlation names,
    filters) stands after them in their text, so that it says all. A document that is nothing that Sigma has is taken
    for a rule: its parser says what is missing. `lost` says which documents could not be read."""
    templates: list[YamlMapping] = []
    before: list[YamlMapping] = []
    for index, document in enumerate(parsed.documents):
        action = text_of(document.entries.get("action"))
        if action == "global":
            templates.append(document)
            continue
        if action == "reset":
            templates.clear()
            continue
        if "filter" in document.entries:
            continue
        base = list(before) if action == "repeat" else list(templates)
        heads = [*base, document]
        before = heads
        own = {id(one) for one in heads}
        others = [one for one in parsed.documents if id(one) not in own]
        served = _served(heads, others)
        info = _info(parsed, index, heads)
        _report_unchoosable(parsed, document)
        extents = _extents(parsed, heads, served)
        source = _pieces(parsed.text, parsed.file.catalog_path, extents)
        frame = with_problems(None, lost if len(source.offsets) == len(extents) else (*lost, TOO_LONG))
        yield RuleFile(info, source, frame, links=_links(parsed.text, heads))


def _links(text: str, heads: Sequence[YamlMapping]) -> SigmaLinks:
    names = (text_of(one.entries.get(key)) for one in heads for key in ("id", "name"))
    own = [node for one in heads if isinstance(node := one.entries.get("correlation"), YamlMapping)]
    generates = any((text_of(one.entries.get("generate")) or "").lower() == "true" for one in (*own, *heads))
    return SigmaLinks(
        tuple(name for name in dict.fromkeys(names) if name is not None),
        tuple(dict.fromkeys(name for one in own for name in _correlated(one))),
        generates,
        tuple(_extent(text, one) for one in heads),
        any("action" in one.entries for one in heads),
    )


def _filters(parsed: ParsedFile) -> Iterator[SigmaFilter]:
    """The filters that say for which rules they are; to a rule of their file that they may be for, they are told
    there."""
    for document in parsed.documents:
        node = document.entries.get("filter")
        written = node.entries.get("rules") if isinstance(node, YamlMapping) else None
        if written is None:
            if "filter" in document.entries and len(parsed.documents) == 1:
                message = "the filter does not say for which rules it is, and is put on none"
                hint = "'rules' names the rules that the filter is for, or says 'any'"
                parsed.report("RUL024", message, document.key_spans["filter"], "error", hint)
            continue
        wanted = tuple((one.value.strip(), Span(one.start, one.end)) for one in _scalars(written))
        every = [name.lower() for name, _ in wanted] == ["any"]
        start, end = _extent(parsed.text, document)
        yield SigmaFilter(
            parsed.file.catalog_path,
            None if every else wanted,
            _log_source(document.entries.get("logsource")),
            parsed.text[start:end],
            parsed.source,
        )


def _scalars(node: YamlNode) -> Iterator[YamlScalar]:
    """The texts of a list, or the one that stands where a list could."""
    for one in node.items if isinstance(node, YamlSequence) else (node,):
        if isinstance(one, YamlScalar) and not one.is_null and one.value.strip():
            yield one


def _correlated(node: YamlMapping) -> Sequence[str]:
    """The names of the rules that a correlation is built of."""
    return texts_of(node.entries.get("rules")) or [
        word for word in _WORD.findall(text_of(node.entries.get("condition")) or "") if word.lower() not in _OPERATORS
    ]


def _served(heads: Sequence[YamlMapping], others: Sequence[YamlMapping]) -> list[YamlMapping]:
    """The other documents that a rule needs: all that a correlation may name, filters that are for it or for rules that
    it names, and those of which it can't be told for which rules they are."""
    found: list[YamlMapping] = []
    if any("correlation" in one.entries for one in heads):
        found += [one for one in others if "filter" not in one.entries]
    names = {text_of(one.entries.get(key)) for one in (*heads, *found) for key in ("id", "name")} - {None}
    for one in others:
        if "filter" in one.entries:
            node = one.entries["filter"]
            wanted = texts_of(node.entries.get("rules")) if isinstance(node, YamlMapping) else ()
            if not wanted or [name.lower() for name in wanted] == ["any"] or names.intersection(wanted):
                found.append(one)
    return found


def _extents(parsed: ParsedFile, heads: Sequence[YamlMapping], served: Sequence[YamlMapping]) -> list[tuple[int, int]]:
    """Where the rule's text stands: its log source and detection where nothing else is needed, else the documents."""
    sections = _sections(parsed, heads[-1]) if len(heads) == 1 and not served else None
    if sections is not None:
        return [sections]
    return [_extent(parsed.text, document) for document in (*heads, *served)]


def _extent(text: str, document: YamlMapping) -> tuple[int, int]:
    return text.rfind("\n", 0, document.start) + 1, max(document.end, document.start)


def _sections(parsed: ParsedFile, document: YamlMapping) -> tuple[int, int] | None:
    """Where the log source and the detection stand; None where they can't be taken out of their document, or where
    what is wrong with the rule may stand beside them."""
    text, spans = parsed.text, document.key_spans
    if not all(key in spans and isinstance(document.entries[key], YamlMapping) for key in _SECTIONS):
        return None
    if "condition" in spans or any(
        document.start <= one.diagnostic.span.start <= document.end for one in parsed.problems
    ):
        return None
    start = min(spans[key].start for key in _SECTIONS)
    end = max(document.entries[key].end for key in _SECTIONS)
    column = start - (text.rfind("\n", 0, start) + 1)
    if column or end <= start or _ANCHOR.search(text, document.start, document.end):
        return None
    between = [key for key, span in spans.items() if start < span.start < end and key not in _SECTIONS]
    return None if len(between) > 2 else (start, end)


def _pieces(text: str, name: str, extents: Sequence[tuple[int, int]]) -> Source:
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    for start, end in extents:
        if parts and length + end - start > MOST_TEXT:
            break
        if parts:
            length += len(SEPARATOR)
        offsets.append((length, start))
        parts.append(text[start:end])
        length += end - start
    return Source(SEPARATOR.join(parts), name, text, tuple(offsets))


def _info(parsed: ParsedFile, index: int, heads: Sequence[YamlMapping]) -> RuleInfo:
    entries: dict[str, YamlNode] = {}
    for document in heads:
        entries.update(document.entries)
    tags = texts_of(entries.get("tags"))
    identifier = text_of(entries.get("id"))
    own = text_of(heads[-1].entries.get("id"))
    return RuleInfo(
        path=parsed.document_path(index),
        repository=parsed.file.repository,
        language="sigma",
        title=text_of(entries.get("title")) or parsed.file.stem,
        identifier=own or identifier,
        description=text_of(entries.get("description")),
        author=", ".join(texts_of(entries.get("author"))) or None,
        created=text_of(entries.get("date")),
        modified=text_of(entries.get("modified")),
        severity=text_of(entries.get("level")),
        status=text_of(entries.get("status")),
        kind="correlation" if "correlation" in entries else None,
        license=text_of(entries.get("license")) or parsed.file.license,
        references=texts_of(entries.get("references")),
        attack=_attack(tags),
        log_source=_log_source(entries.get("logsource")),
        tags=tuple(tag for tag in tags if not tag.lower().startswith(_ATTACK) or _OTHER_ATTACK.fullmatch(tag[7:])),
        false_positives="\n".join(texts_of(entries.get("falsepositives"))) or None,
        implementation=_definition(entries.get("logsource")),
        related=_related(entries.get("related")),
        fields=texts_of(entries.get("fields")),
    )


def _report_unchoosable(parsed: ParsedFile, document: YamlMapping) -> None:
    """Report a level and tags that no choice of rules would take, as they are misspelt.

    Source: Sigma rules specification 2.1, "level"; tags appendix, namespace "attack". Other namespaces are free.
    """
    level = document.entries.get("level")
    written = text_of(level)
    stated = level is not None and not (isinstance(level, YamlScalar) and level.is_null)
    if stated and (written is None or written.lower() not in _LEVELS):
        near = nearest_name(written or "", _LEVELS)
        hint = f"did you mean '{near}'?" if near else f"there are: {', '.join(_LEVELS)}"
        message = f"Sigma has no level '{written[:60]}'" if written else "'level' holds no text"
        parsed.report("RUL028", message, document.key_spans["level"], "warning", hint)
    for tag in texts_of(document.entries.get("tags")):
        near = _meant_technique(tag.lower())
        if near is not None:
            hint = f"did you mean '{near}'?"
            message = f"the tag '{tag[:60]}' names no technique of ATT&CK as it is written"
            parsed.report("RUL029", message, document.key_spans["tags"], "warning", hint)


def _meant_technique(tag: str) -> str | None:
    """The tag that one was meant for which looks like a technique and isn't written as one; else None."""
    found = _LIKE_TECHNIQUE.fullmatch(tag)
    if found is None or (found["space"] is None and not tag.startswith("t")):
        return None
    space, number, part = found["space"], found["number"], found["part"]
    if space and space != "attack" and misspelt_name(space, ("attack",)) is None:
        return None
    meant = f"attack.t{number}" + (f".{int(part):03d}" if part else "")
    return meant if meant != tag else None


def _log_source(node: YamlNode | None) -> LogSource:
    if not isinstance(node, YamlMapping):
        return LogSource()
    product, service, category = (text_of(node.entries.get(key)) for key in ("product", "service", "category"))
    return LogSource(product, service, category)


def _definition(node: YamlNode | None) -> str | None:
    return text_of(node.entries.get("definition")) if isinstance(node, YamlMapping) else None


def _attack(tags: Sequence[str]) -> tuple[Attack, ...]:
    """The techniques and tactics among the tags (`attack.t1059.001`, `attack.execution`).

    Tags say no pairs. Where there is one tactic, all techniques stand under it; else each stands alone, and so do the
    tactics, as the author named them.
    """
    techniques: list[str] = []
    tactics: list[str] = []
    for tag in tags:
        if not tag.lower().startswith(_ATTACK):
            continue
        word = tag[len(_ATTACK) :]
        if _TECHNIQUE.fullmatch(word):
            techniques.append(word.upper())
        elif not _OTHER_ATTACK.fullmatch(word):
            tactics.append(word.lower().replace("_", " ").replace("-", " "))
    tactics = list(dict.fromkeys(tactics))
    techniques = list(dict.fromkeys(techniques))
    if len(tactics) == 1 and techniques:
        return tuple(Attack(technique, tactics[0]) for technique in techniques)
    return (*(Attack(technique) for technique in techniques), *(Attack(None, tactic) for tactic in tactics))


def _related(node: YamlNode | None) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for item in node.items if isinstance(node, YamlSequence) else ():
        if isinstance(item, YamlMapping):
            identifier, kind = text_of(item.entries.get("id")), text_of(item.entries.get("type"))
            if identifier is not None:
                found.append((identifier, kind or "similar"))
    return tuple(found)


READER = LayoutReader("sigma", (".yml", ".yaml"), _is_sigma, _read)
