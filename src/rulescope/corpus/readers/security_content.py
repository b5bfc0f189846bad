"""Splunk's security_content: detections, macros, lookups and data sources, one YAML file each."""

from __future__ import annotations

from rulescope.corpus.definitions import lookup_doubts, parse_match_types, split_list
from rulescope.corpus.frame import with_problems
from rulescope.corpus.model import DataSource, FileContent, LookupDefinition, MacroDefinition, RuleFile
from rulescope.corpus.parsed import LayoutReader, ParsedFile, child, is_true, number_of, text_of, texts_of
from rulescope.ir import Attack, LogSource, RuleInfo, RuleTest
from rulescope.text import Span
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence, scalar_source

_SUFFIXES = (".yml", ".yaml")
_DETECTION_KEYS = ("how_to_implement", "known_false_positives", "data_source", "tags", "type")


def _is_detection(parsed: ParsedFile) -> bool:
    for document in parsed.documents:
        keys = document.entries
        if "name" not in keys or "detection" in keys:
            continue
        if "search" in keys or ("id" in keys and any(key in keys for key in _DETECTION_KEYS)):
            return True
    return False


def _read_detections(parsed: ParsedFile) -> FileContent:
    rules = [_rule(parsed, document, parsed.document_path(index)) for index, document in enumerate(parsed.documents)]
    found = tuple(rule for rule in rules if rule is not None)
    return FileContent(parsed.file, "rules" if found else "failed", DETECTIONS.name, rules=found)


def _rule(parsed: ParsedFile, document: YamlMapping, path: str) -> RuleFile | None:
    entries = document.entries
    search = entries.get("search")
    if not isinstance(search, YamlScalar) or not search.value.strip():
        parsed.report_no_query("search", search, Span(document.start, document.start))
        return None
    info = RuleInfo(
        path=path,
        repository=parsed.file.repository,
        language="spl",
        title=text_of(entries.get("name")) or parsed.file.stem,
        identifier=text_of(entries.get("id")),
        description=text_of(entries.get("description")),
        author=text_of(entries.get("author")),
        created=text_of(entries.get("creation_date")),
        modified=text_of(entries.get("modification_date")) or text_of(entries.get("date")),
        risk_score=number_of(_tag(document, "risk_score")),
        status=text_of(entries.get("status")),
        kind=text_of(entries.get("type")),
        license=parsed.file.license,
        references=texts_of(entries.get("references")),
        attack=tuple(Attack(technique) for technique in dict.fromkeys(texts_of(_tag(document, "mitre_attack_id")))),
        log_source=LogSource(names=texts_of(entries.get("data_source")) or texts_of(entries.get("data_sources"))),
        tags=texts_of(_tag(document, "analytic_story")) + texts_of(_tag(document, "cve")),
        false_positives=text_of(entries.get("known_false_positives")),
        implementation=text_of(entries.get("how_to_implement")),
        tests=_tests(entries.get("tests")),
    )
    source = scalar_source(parsed.text, search, parsed.file.catalog_path)
    return RuleFile(info, source, with_problems(None, parsed.problems_of(document, "search")))


def _tag(document: YamlMapping, name: str) -> YamlNode | None:
    """What a detection says of itself: below `tags`, or beside them, where the format of 2026 has it."""
    return child(document.entries.get("tags"), name) or document.entries.get(name)


def _tests(node: YamlNode | None) -> tuple[RuleTest, ...]:
    """One test for each of its log kinds: what a test names as data of one source and sourcetype stays together."""
    tests: list[RuleTest] = []
    for test in node.items if isinstance(node, YamlSequence) else ():
        name = text_of(child(test, "name")) or "test"
        groups: dict[tuple[str | None, str | None], list[str]] = {}
        attack_data = child(test, "attack_data")
        for item in attack_data.items if isinstance(attack_data, YamlSequence) else ():
            data = text_of(child(item, "data"))
            kind = (text_of(child(item, "sourcetype")), text_of(child(item, "source")))
            if data is not None:
                groups.setdefault(kind, []).append(data)
        tests += [RuleTest(name, tuple(data), *kind) for kind, data in groups.items()] or [RuleTest(name)]
    return tuple(tests)


def _is_macro(parsed: ParsedFile) -> bool:
    return any({"name", "definition"} <= document.entries.keys() for document in parsed.documents)


def _read_macros(parsed: ParsedFile) -> FileContent:
    macros: list[MacroDefinition] = []
    for index, document in enumerate(parsed.documents):
        entries = document.entries
        name, definition = text_of(entries.get("name")), entries.get("definition")
        if name is None or not isinstance(definition, YamlScalar):
            place = Span(document.start, document.start)
            parsed.report("RUL012", "a macro needs a name, and a definition that is text", place)
            continue
        macros.append(
            MacroDefinition(
                name=name,
                definition=definition.value,
                path=parsed.document_path(index),
                repository=parsed.file.repository,
                arguments=texts_of(entries.get("arguments")),
                is_eval=is_true(text_of(entries.get("iseval"))),
                description=text_of(entries.get("description")),
                source=scalar_source(parsed.text, definition, parsed.file.catalog_path),
            )
        )
    return FileContent(parsed.file, "supporting" if macros else "failed", MACROS.name, macros=tuple(macros))


def _is_lookup(parsed: ParsedFile) -> bool:
    keys = set(parsed.documents[0].entries) if parsed.documents else set()
    return "name" in keys and ("filename" in keys or "collection" in keys or "lookup_type" in keys)


def _read_lookups(parsed: ParsedFile) -> FileContent:
    lookups: list[LookupDefinition] = []
    for index, document in enumerate(parsed.documents):
        entries = document.entries
        case_sensitive = text_of(entries.get("case_sensitive_match"))
        fields = text_of(entries.get("fields_list")) or ", ".join(texts_of(entries.get("fields")))
        filename = text_of(entries.get("filename"))
        settings = {key: text_of(entries.get(key)) for key in ("case_sensitive_match", "min_matches", "max_matches")}
        settings["match_type"] = ", ".join(texts_of(entries.get("match_type")))
        lookups.append(
            LookupDefinition(
                name=text_of(entries.get("name")) or parsed.file.stem,
                path=parsed.document_path(index),
                repository=parsed.file.repository,
                filename=filename,
                collection=text_of(entries.get("collection")),
                fields=split_list(fields),
                match_types=parse_match_types(settings["match_type"]),
                case_sensitive=case_sensitive is None or is_true(case_sensitive),
                minimum_matches=number_of(entries.get("min_matches")),
                maximum_matches=number_of(entries.get("max_matches")),
                default_match=text_of(entries.get("default_match")),
                description=text_of(entries.get("description")),
                doubts=lookup_doubts(settings),
            )
        )
    return FileContent(parsed.file, "supporting", LOOKUPS.name, lookups=tuple(lookups))


def _is_data_source(parsed: ParsedFile) -> bool:
    keys = set(parsed.documents[0].entries) if parsed.documents else set()
    return {"name", "sourcetype", "source"} <= keys and "search" not in keys


def _read_data_sources(parsed: ParsedFile) -> FileContent:
    sources = tuple(
        DataSource(
            name=text_of(document.entries.get("name")) or parsed.file.stem,
            path=parsed.document_path(index),
            repository=parsed.file.repository,
            identifier=text_of(document.entries.get("id")),
            source=text_of(document.entries.get("source")),
            sourcetype=text_of(document.entries.get("sourcetype")),
            separator=text_of(document.entries.get("separator")),
            description=text_of(document.entries.get("description")),
            fields=texts_of(document.entries.get("fields")),
            example=text_of(document.entries.get("example_log")),
        )
        for index, document in enumerate(parsed.documents)
    )
    return FileContent(parsed.file, "supporting", DATA_SOURCES.name, data_sources=sources)


DETECTIONS = LayoutReader("security_content detections", _SUFFIXES, _is_detection, _read_detections)
MACROS = LayoutReader("security_content macros", _SUFFIXES, _is_macro, _read_macros)
LOOKUPS = LayoutReader("security_content lookups", _SUFFIXES, _is_lookup, _read_lookups)
DATA_SOURCES = LayoutReader("security_content data sources", _SUFFIXES, _is_data_source, _read_data_sources)
