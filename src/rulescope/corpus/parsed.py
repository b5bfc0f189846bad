"""A file's text as readers get it, with what was wrong so far; and the small steps that all readers take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rulescope.corpus.model import FileContent, FileProblem, FoundFile
from rulescope.text import NO_SPAN, Diagnostic, Severity, Source, Span
from rulescope.text.yaml_document import YamlMapping, YamlNode, YamlScalar, YamlSequence, load_yaml


@dataclass(slots=True)
class ParsedFile:
    """One file's text (decoded, without byte order mark), its YAML documents if it is YAML, and its problems.

    `listed` are the mappings that stand in documents which are lists, `strays` the places of documents that are neither
    mappings nor empty: no reader takes them as rules.
    """

    file: FoundFile
    text: str
    documents: tuple[YamlMapping, ...] = ()
    listed: tuple[YamlMapping, ...] = ()
    strays: tuple[Span, ...] = ()
    problems: list[FileProblem] = field(default_factory=list)
    _source: Source | None = None

    @property
    def source(self) -> Source:
        """The whole file as the text that problems are shown in."""
        if self._source is None:
            self._source = Source(self.text, self.file.catalog_path)
        return self._source

    def report(
        self, code: str, message: str, span: Span = NO_SPAN, severity: Severity = "error", hint: str | None = None
    ) -> None:
        """Note a problem of this file; `span` counts in the file's text."""
        self.add(Diagnostic(code, message, span, severity, hint))

    def report_no_query(self, key: str, written: object, span: Span = NO_SPAN) -> None:
        """Note that the rule has no query, since what stands under its key is none: nothing, an empty text, or no text
        at all."""
        text = written.value if isinstance(written, YamlScalar) else written
        is_text = text is None or (isinstance(text, str) and not text.strip())
        what = "is missing or empty" if is_text else "holds no text"
        self.report("RUL004", f"the rule has no query: '{key}' {what}", span)

    def add(self, diagnostic: Diagnostic) -> None:
        """Note a problem of this file whose span counts in the file's text."""
        self.problems.append(FileProblem(self.file.catalog_path, diagnostic, self.source))

    def load_documents(self) -> None:
        """Read the text as YAML; a document that isn't a mapping is no rule."""
        loaded = load_yaml(self.text)
        for diagnostic in loaded.problems:
            self.add(diagnostic)
        self.documents = tuple(document for document in loaded.documents if isinstance(document, YamlMapping))
        self.listed = tuple(
            item
            for document in loaded.documents
            if isinstance(document, YamlSequence)
            for item in document.items
            if isinstance(item, YamlMapping)
        )
        self.strays = tuple(
            Span(document.start, max(document.end, document.start))
            for document in loaded.documents
            if isinstance(document, YamlSequence) or (isinstance(document, YamlScalar) and not document.is_null)
        )

    def problems_of(self, document: YamlMapping, key: str) -> tuple[Diagnostic, ...]:
        """The problems that lie in an entry of a document, its key included."""
        start, end = document.key_spans[key].start, document.entries[key].end
        return tuple(one.diagnostic for one in self.problems if start <= one.diagnostic.span.start < end)

    def document_path(self, index: int) -> str:
        """What names the rule in document `index` (from 0): the file, and `#2` and on for further documents."""
        return self.file.catalog_path if index == 0 else f"{self.file.catalog_path}#{index + 1}"


@dataclass(frozen=True, slots=True)
class LayoutReader:
    """One repository layout: whether a file has it, and how it is read.

    `suffixes` are the endings of file names that it can be (lower case); `recognises` decides by the file's keys and
    place. A reader must not depend on other files.
    """

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[ParsedFile], bool]
    read: Callable[[ParsedFile], FileContent]


def text_of(node: YamlNode | None) -> str | None:
    """A scalar's text without white space around it; None if it is no scalar, null, or empty."""
    if not isinstance(node, YamlScalar) or node.is_null:
        return None
    return node.value.strip() or None


def texts_of(node: YamlNode | None) -> tuple[str, ...]:
    """All scalars of a list (and of lists in it), or the one scalar that stands where a list could."""
    if isinstance(node, YamlSequence):
        return tuple(text for item in node.items for text in texts_of(item))
    text = text_of(node)
    return () if text is None else (text,)


def number_of(node: YamlNode | None) -> int | None:
    """A scalar as a whole number, or None."""
    return parse_number(text_of(node))


def parse_number(text: str | None) -> int | None:
    """Text as a whole number (`80`, `80.0`), or None if it is none, or absurdly long."""
    if text is None or len(text) > 18:
        return None
    head, _, tail = text.partition(".")
    digits = head.removeprefix("-")
    return int(head) if digits.isascii() and digits.isdigit() and not tail.strip("0") else None


def is_true(text: str | None) -> bool:
    """Whether a setting says yes, in any of the ways that Splunk's configuration files take."""
    return text is not None and text.strip().lower() in ("1", "true", "t", "yes", "y")


def child(node: YamlNode | None, key: str) -> YamlNode | None:
    """The value of a key, or None if there is none or `node` is no mapping."""
    return node.entries.get(key) if isinstance(node, YamlMapping) else None
