"""Plain files of SPL: one search a file, named after it, described by the comments that it opens with."""

from __future__ import annotations

import re

from rulescope.corpus.model import FileContent, RuleFile
from rulescope.corpus.parsed import ParsedFile, Reader
from rulescope.ir import RuleInfo
from rulescope.text import Source

_COMMENT = re.compile(r"\s*```(.*?)```", re.DOTALL)


def _read(parsed: ParsedFile) -> FileContent:
    comments: list[str] = []
    place = 0
    while (found := _COMMENT.match(parsed.text, place)) is not None:
        comments.append(found[1].strip())
        place = found.end()
    if not parsed.text[place:].strip():
        parsed.report("RUL004", "the file holds no query")
        return FileContent(parsed.file, "failed", READER.name)
    info = RuleInfo(
        path=parsed.file.catalog_path,
        repository=parsed.file.repository,
        language="spl",
        title=parsed.file.stem.replace("_", " ").strip() or parsed.file.name,
        description="\n".join(comment for comment in comments if comment) or None,
        license=parsed.file.license,
    )
    rule = RuleFile(info, Source(parsed.text, parsed.file.catalog_path))
    return FileContent(parsed.file, "rules", READER.name, rules=(rule,))


READER = Reader("spl file", (".spl",), lambda parsed: True, _read)
