"""Sigma rules: detections, correlations and collections of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rulescope.corpus.model import FileContent, RuleFile
from rulescope.corpus.parsed import ParsedFile, Reader, text_of, texts_of
from rulescope.corpus.rule_like import report_rule_like
from rulescope.ir import Attack, LogSource, RuleInfo
from rulescope.text import Source
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlSequence

_SECTIONS = frozenset(("logsource", "detection"))
_ANCHOR = re.compile(r"(?:^|[\s:\-\[,{])[&*][A-Za-z0-9_]", re.MULTILINE)
_TECHNIQUE = re.compile(r"t\d{4}(?:\.\d{3})?", re.IGNORECASE)
_ATTACK = "attack."
_OTHER_ATTACK = re.compile(r"[gsmc]\d{4}", re.IGNORECASE)
_SEPARATOR = "\n---\n"
_MOST_TEXT = 256 * 1024


def _is_sigma(parsed: ParsedFile) -> bool:
    """A title with what makes a rule, or a log source with a detection: the specification asks for a title, but a rule
    that has none is one all the same."""
    return any(
        ("title" in entries and any(key in entries for key in ("detection", "correlation", "filter")))
        or entries.keys() >= _SECTIONS
        for entries in (document.entries for document in parsed.documents)
    )


def _read(parsed: ParsedFile) -> FileContent:
    rules = tuple(_rules(parsed))
    return FileContent(parsed.file, "rules" if rules else "supporting", READER.name, rules=rules)


def _rules(parsed: ParsedFile) -> Iterator[RuleFile]:
    """The rules of a file. What they take from other documents of it (templates, rules that a correlation names,
    filters) stands after them in their text, so that it says all."""
    templates: list[YamlMapping] = []
    before: list[YamlMapping] = []
    parts = _parts(parsed.documents)
    for index, document in enumerate(parsed.documents):
        action = text_of(document.entries.get("action"))
        if action == "global":
            templates.append(document)
            continue
        if action == "reset":
            templates.clear()
            continue
        base = list(before) if action == "repeat" else list(templates)
        heads = [*base, document]
        if not any("detection" in one.entries or "correlation" in one.entries for one in heads):
            if "filter" not in document.entries:
                report_rule_like(parsed, [document])
            continue
        before = heads
        others = [one for one in parsed.documents if one not in heads] if len(parsed.documents) > 1 else []
        served = _served(document, others)
        info = _info(parsed, index, heads)
        own = {name for one in heads for name in _names(one)}
        yield RuleFile(info, _source(parsed, heads, served), alone=parts.isdisjoint(own))


def _parts(documents: Sequence[YamlMapping]) -> set[str]:
    """The names of the rules that correlations of the file are built of, unless they say `generate`: those are no
    rules of their own. Source: Sigma correlation rules specification 2.1, "Correlation rules", "Generate".

    Correlations that are built of each other, or of themselves, are parts of nothing that could be run.
    """
    names = [_names(document) for document in documents]
    uses = [_uses(document) - own for document, own in zip(documents, names, strict=True)]
    waiting = [number for number, own in enumerate(names) if not any(own & used for used in uses)]
    found: set[str] = set()
    while waiting:
        fresh = uses[waiting.pop()] - found
        found |= fresh
        waiting += [number for number, own in enumerate(names) if own & fresh]
    return found


def _names(document: YamlMapping) -> set[str]:
    """What a correlation may call the document's rule."""
    return {name for key in ("id", "name") if (name := text_of(document.entries.get(key))) is not None}


def _uses(document: YamlMapping) -> set[str]:
    """What the document's correlation calls the rules that it is built of, and that are no rules of their own."""
    node = document.entries.get("correlation")
    if not isinstance(node, YamlMapping) or (text_of(node.entries.get("generate")) or "").lower() == "true":
        return set()
    words = re.split(r"[\s()]+", text_of(node.entries.get("condition")) or "")
    return set(texts_of(node.entries.get("rules")) or words)


def _served(document: YamlMapping, others: Sequence[YamlMapping]) -> list[YamlMapping]:
    """The other documents that a rule needs: all that a correlation may name, and filters that are for it."""
    found: list[YamlMapping] = []
    if "correlation" in document.entries:
        found += [one for one in others if "detection" in one.entries or "correlation" in one.entries]
    names = _names(document)
    for one in others:
        node = one.entries.get("filter")
        if isinstance(node, YamlMapping):
            wanted = texts_of(node.entries.get("rules"))
            if [name.lower() for name in wanted] == ["any"] or names.intersection(wanted):
                found.append(one)
    return found


def _source(parsed: ParsedFile, heads: Sequence[YamlMapping], served: Sequence[YamlMapping]) -> Source:
    """The rule's text: its log source and detection where nothing else is needed, else the documents that are."""
    name = parsed.file.catalog_path
    last = heads[-1]
    if len(heads) == 1 and not served and (extent := _sections(parsed.text, last)) is not None:
        return _pieces(parsed.text, name, [extent])
    return _pieces(parsed.text, name, [_extent(parsed.text, document) for document in (*heads, *served)])


def _extent(text: str, document: YamlMapping) -> tuple[int, int]:
    return text.rfind("\n", 0, document.start) + 1, max(document.end, document.start)


def _sections(text: str, document: YamlMapping) -> tuple[int, int] | None:
    """Where the log source and the detection stand; None where they can't be taken out of their document."""
    spans = document.key_spans
    if not all(key in spans and isinstance(document.entries[key], YamlMapping) for key in _SECTIONS):
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
        if parts and length + end - start > _MOST_TEXT:
            break
        if parts:
            length += len(_SEPARATOR)
        offsets.append((length, start))
        parts.append(text[start:end])
        length += end - start
    return Source(_SEPARATOR.join(parts), name, text, tuple(offsets))


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


READER = Reader("sigma", (".yml", ".yaml"), _is_sigma, _read)
