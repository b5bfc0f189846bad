"""The Detection Armory: one YAML file a rule and log source, named `<rule>-<format>-<log source>.yml`."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from rulescope.corpus.attack import pair_techniques
from rulescope.corpus.frame import with_problems
from rulescope.corpus.model import FileContent, Outcome, RuleFile, UnreadRule
from rulescope.corpus.parsed import LayoutReader, ParsedFile, text_of, texts_of
from rulescope.ir import LogSource, RuleInfo
from rulescope.text import Span
from rulescope.text.yaml_document import YamlMapping, YamlScalar, scalar_source

_LANGUAGES = {"splunk": "spl", "spl": "spl", "snowflake": "snowflake"}
_FILE_NAME = re.compile(r"(?P<rule>.+)-(?:splunk|snowflake)-(?P<suffix>.+?)\s*\.ya?ml$", re.IGNORECASE)


def _recognises(parsed: ParsedFile) -> bool:
    return any("logic_format" in document.entries for document in parsed.documents)


def _read(parsed: ParsedFile) -> FileContent:
    rules: list[RuleFile] = []
    unread: list[UnreadRule] = []
    for index, document in enumerate(parsed.documents):
        written = text_of(document.entries.get("logic_format")) or ""
        language = _LANGUAGES.get(written.lower())
        if language is None:
            title = text_of(document.entries.get("title")) or parsed.file.stem
            named = written.lower() or "unknown"
            unread.append(UnreadRule(parsed.document_path(index), parsed.file.repository, named, title))
            continue
        rule = _rule(parsed, document, parsed.document_path(index), language)
        if rule is not None:
            rules.append(rule)
    outcome: Outcome = "rules" if rules else "not yet read" if unread else "failed"
    return FileContent(parsed.file, outcome, READER.name, rules=tuple(rules), unread=tuple(unread))


def _rule(parsed: ParsedFile, document: YamlMapping, path: str, language: str) -> RuleFile | None:
    entries = document.entries
    logic = entries.get("logic")
    if not isinstance(logic, YamlScalar) or not logic.value.strip():
        parsed.report_no_query("logic", logic, Span(document.start, document.start))
        return None
    suffix, label = _variant(parsed.file.name)
    title = text_of(entries.get("title")) or parsed.file.stem
    folder = parsed.file.relative.rpartition("/")[0]
    attack, paired = pair_techniques(texts_of(entries.get("techniques")), texts_of(entries.get("technique_id")))
    if not paired:
        node = entries.get("technique_id") or entries["techniques"]
        parsed.report(
            "RUL015", "techniques and their identifiers don't pair up", Span(node.start, node.start + 1), "info"
        )
    info = RuleInfo(
        path=path,
        repository=parsed.file.repository,
        language=language,
        title=f"{title} ({label})" if label else title,
        identifier=text_of(entries.get("id")),
        description=text_of(entries.get("description")),
        license=parsed.file.license,
        references=texts_of(entries.get("references")),
        attack=attack,
        log_source=LogSource(names=(suffix,) if suffix else ()),
        data_categories=texts_of(entries.get("data_category")),
        variant_group=f"{parsed.file.repository}/{folder}" if folder else None,
        variant_label=label,
    )
    source = scalar_source(parsed.text, logic, parsed.file.catalog_path)
    return RuleFile(info, source, with_problems(None, parsed.problems_of(document, "logic")))


def _variant(file_name: str) -> tuple[str | None, str | None]:
    """The log source at the end of a file's name, and its label.

    Some files repeat the rule's first word there (`add_role_…-splunk-add.yml`): that is no log source.
    """
    found = _FILE_NAME.match(file_name)
    if found is None:
        return None, None
    suffix = found["suffix"].lower()
    label = _labels().get(suffix)
    if label is not None:
        return suffix, label
    if found["rule"].lower().startswith(suffix):
        return None, None
    return suffix, found["suffix"]


@cache
def _labels() -> dict[str, str]:
    text = files("rulescope.corpus").joinpath("data/variant_labels.csv").read_text("utf-8")
    return {row["suffix"]: row["label"] for row in csv.DictReader(text.splitlines())}


READER = LayoutReader("armory", (".yml", ".yaml"), _recognises, _read)
