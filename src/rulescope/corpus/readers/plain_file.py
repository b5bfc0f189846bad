"""Plain files: one query a file, named after it, described by the comments that it opens with."""

from __future__ import annotations

import re

from rulescope.corpus.model import FileContent, RuleFile
from rulescope.corpus.parsed import ParsedFile
from rulescope.ir import RuleInfo
from rulescope.text import Source


def read_plain_file(parsed: ParsedFile, reader: str, language: str, comment: re.Pattern[str]) -> FileContent:
    """The file as one rule of `language`; group 1 of `comment` is a comment's text."""
    comments: list[str] = []
    place = 0
    while (found := comment.match(parsed.text, place)) is not None:
        comments.append(found[1].strip())
        place = found.end()
    if not parsed.text[place:].strip():
        parsed.report("RUL004", "the file holds no query")
        return FileContent(parsed.file, "failed", reader)
    info = RuleInfo(
        path=parsed.file.catalog_path,
        repository=parsed.file.repository,
        language=language,
        title=parsed.file.stem.replace("_", " ").strip() or parsed.file.name,
        description="\n".join(text for text in comments if text) or None,
        license=parsed.file.license,
    )
    rule = RuleFile(info, Source(parsed.text, parsed.file.catalog_path))
    return FileContent(parsed.file, "rules", reader, rules=(rule,))
