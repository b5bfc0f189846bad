"""Configuration files of Splunk apps: `savedsearches.conf`, `macros.conf`, `transforms.conf`, as stanzas.

What a stanza means comes out only when the layers of an app (`default/`, `local/`) are put together: `splunk_app`.
The format is that of the Admin Manual, "About configuration files" and "Attribute precedence within a file".
"""

from __future__ import annotations

import re
from dataclasses import replace

from rulescope.corpus.model import ConfFile, ConfSetting, FileContent, Outcome
from rulescope.corpus.parsed import LayoutReader, ParsedFile
from rulescope.text import Diagnostic, Span

KINDS = ("savedsearches", "macros", "transforms")
"""The configuration files that hold searches, or what searches need."""

_MAXIMUM_PROBLEMS = 50
_NO_KEY = re.compile(r"\S\s+\S|[|\"'`()\[\],]")
"""What no name of a setting has: such a line is one of a search's, not a setting."""


def _recognises(parsed: ParsedFile) -> bool:
    return parsed.file.stem.lower() in KINDS


def _read(parsed: ParsedFile) -> FileContent:
    kind = parsed.file.stem.lower()
    conf = ConfFile(kind, parsed.text, parse_stanzas(parsed))
    outcome: Outcome = "rules" if kind == "savedsearches" else "supporting"
    return FileContent(parsed.file, outcome, READER.name, conf=conf)


def parse_stanzas(parsed: ParsedFile) -> dict[str, dict[str, ConfSetting]]:
    """The settings of a .conf file by stanza; those before the first stanza are in `default`.

    A line that ends in a backslash goes on in the next one, and the line break becomes part of the value. Stanzas of
    one name are one stanza. A comment is a line of its own that starts with `#`; within a value `#` is text.
    """
    text = parsed.text
    stanzas: dict[str, dict[str, ConfSetting]] = {}
    settings = stanzas.setdefault("default", {})
    before: str | None = None
    astray: Diagnostic | None = None
    place = 0
    while place < len(text):
        end, following = _line_end(text, place)
        line = text[place:end].strip()
        if not line or line.startswith("#"):
            place = following
        elif line.startswith("["):
            closing = line.rfind("]")
            if closing < 0:
                _report(parsed, "RUL011", "a stanza without its closing bracket", place, end)
            name = line[1:closing] if closing > 0 else line[1:]
            settings = stanzas.setdefault(name, {})
            before = astray = None
            place = following
        elif (equals := text.find("=", place, end)) < 0 or _NO_KEY.search(text, place, equals):
            found = _report(parsed, "RUL011", "neither a stanza, a setting nor a comment", place, end)
            if before is not None:
                # Most often a line of that setting's value whose line before lacks its backslash.
                settings[before] = _doubted(settings[before], found)
            if line.endswith("]"):
                astray = found
            place = following
        else:
            key = text[place:equals].strip()
            setting, following, cut = _value(text, equals + 1)
            if cut is not None:
                message = f"a blank stands after the backslash, so that '{key[:80]}' may end here or go on"
                found = _report(parsed, "RUL011", message, cut, cut + 1, "remove the blank after the backslash")
                # Where the value ends decides what it means: no rule runs on a guess.
                setting = _doubted(setting, replace(found, severity="error"))
            if key in settings:
                message = f"'{key[:80]}' stands twice in its stanza; the last counts"
                setting = _doubted(setting, _report(parsed, "RUL008", message, place, equals))
            if astray is not None:
                # What looks like a stanza may be the one that the setting is of.
                setting = _doubted(setting, astray)
            settings[key] = setting
            before = key
            place = following
    return stanzas


def _line_end(text: str, place: int) -> tuple[int, int]:
    """Where a line's content ends, and where the next line starts."""
    found = text.find("\n", place)
    if found < 0:
        return len(text), len(text)
    return (found - 1 if found > place and text[found - 1] == "\r" else found), found + 1


def _value(text: str, place: int) -> tuple[ConfSetting, int, int | None]:
    """The value that starts at `place`, over all its lines, where the line after it starts, and the place of a
    backslash that only blanks keep from the end of the last line."""
    end, following = _line_end(text, place)
    while place < end and text[place] in " \t":
        place += 1
    parts: list[str] = []
    offsets: list[tuple[int, int]] = []
    length = 0
    while True:
        continued = end > place and text[end - 1] == "\\" and following < len(text)
        piece = text[place : end - 1 if continued else end]
        offsets.append((length, place))
        parts.append(piece)
        length += len(piece)
        if not continued:
            break
        # The line feed maps to the backslash that makes it part of the value.
        parts.append("\n")
        length += 1
        place = following
        end, following = _line_end(text, place)
    bare = piece.rstrip(" \t")
    cut = place + len(bare) - 1 if bare.endswith("\\") and bare != piece and text[following:].strip() else None
    return ConfSetting("".join(parts).rstrip(), tuple(offsets)), following, cut


def _doubted(setting: ConfSetting, found: Diagnostic) -> ConfSetting:
    return replace(setting, problems=(*setting.problems, found)[:_MAXIMUM_PROBLEMS])


def _report(parsed: ParsedFile, code: str, message: str, start: int, end: int, hint: str | None = None) -> Diagnostic:
    found = Diagnostic(code, message, Span(start, end), "warning", hint)
    if len(parsed.problems) < _MAXIMUM_PROBLEMS:
        parsed.add(found)
    return found


READER = LayoutReader("splunk .conf", (".conf",), _recognises, _read)
