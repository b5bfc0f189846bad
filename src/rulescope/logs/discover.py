"""From the paths a user names to the inputs to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from rulescope.errors import NotFoundError, missing_path
from rulescope.logs.archives import add_archive
from rulescope.logs.formats import NOT_BY_NAME, LogFormat, Recognised, is_log_name, recognise
from rulescope.logs.inputs import GZIP_MAGIC, HEAD, PACKING, ZIP_MAGIC, FoundInputs, LogInput, label_of, read_head
from rulescope.logs.model import LoadLimits, Problem
from rulescope.logs.readers.inflate import Inflated
from rulescope.logs.readers.streams import BROKEN_STREAM, explain_break

_SLICE = 32 << 20
"""Large plain JSON Lines files are read in slices of this size, so that several processes can share one file."""


def find_inputs(paths: Iterable[Path], limits: LoadLimits) -> FoundInputs:
    """All inputs under the paths, in order (folders sorted by name, recursive), a file that several paths lead to once.

    Whatever is passed over inside folders and archives is told with its reason. Raises NotFoundError for a path that
    is neither a file nor a folder that can be reached.
    """
    found = FoundInputs()
    seen: set[str] = set()
    for path in paths:
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            for file in _walk(path, found):
                _add_once(file, found, limits, seen, named=False)
        elif stat.S_ISREG(mode):
            _add_once(path, found, limits, seen, named=True)
        else:
            hint = "write what it gives to a file, and name that"
            raise NotFoundError(f"{label_of(path)} is {_kind(mode)}, not a file or folder", code="LOG045", hint=hint)
    return found


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        raise missing_path(path, what="log file or folder", code="LOG001") from None
    except (OSError, ValueError) as error:
        raise NotFoundError(f"{label_of(path)[:500]}: {explain_break(error)}", code="LOG045") from None


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"))
    return next((name for test, name in kinds if test(mode)), "a device")


def _walk(folder: Path, found: FoundInputs) -> Iterator[Path]:
    """The files under a folder that are no links and not hidden, by name. Folders are kept in a list of their own, not
    on Python's stack: how deep they nest is up to whoever made them."""
    waiting = [iter(_entries(folder, found))]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        reason, is_folder = _passed_over(entry)
        if reason is not None:
            found.skip(label_of(entry.path), reason)
        elif is_folder:
            waiting.append(iter(_entries(Path(entry.path), found)))
        else:
            yield Path(entry.path)


def _entries(folder: Path, found: FoundInputs) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.skip(label_of(folder), f"the folder can't be opened: {explain_break(error)}")
        return []


def _passed_over(entry: os.DirEntry[str]) -> tuple[str | None, bool]:
    """Why an entry of a folder is passed over, if it is; and whether it is a folder."""
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError as error:
        return explain_break(error), False
    is_folder = stat.S_ISDIR(mode)
    what = "folder" if is_folder else "file"
    if entry.name == "__MACOSX":
        return "a folder of notes that macOS makes for itself", is_folder
    if entry.name.startswith("."):
        return f"a hidden {what}; name it to have it read", is_folder
    if stat.S_ISLNK(mode):
        return "a symbolic link; name it to have it read", False
    if not is_folder and not stat.S_ISREG(mode):
        return _kind(mode), False
    return None, is_folder


def _add_once(path: Path, found: FoundInputs, limits: LoadLimits, seen: set[str], *, named: bool) -> None:
    """Add a file unless another of the paths has led to it: its events would count twice."""
    place = os.path.realpath(path)
    if place in seen:
        found.problems.append(Problem(label_of(path), "named more than once: it is read once", code="LOG047"))
        return
    before = len(found.inputs)
    _add_file(path, found, limits, named=named)
    if len(found.inputs) > before:
        seen.add(place)


def _add_file(path: Path, found: FoundInputs, limits: LoadLimits, *, named: bool) -> None:
    label = label_of(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(HEAD)
            if head.startswith(ZIP_MAGIC):
                add_archive(path, label, found, limits)
                return
            compressed = head.startswith(GZIP_MAGIC)
            if compressed:
                file.seek(0)
                head, reason = read_head(Inflated(file, gzip=True))
                if reason is not None and not head:
                    found.skip(label, reason)
                    return
        _add(path, label, head, size, compressed, found, named)
    except BROKEN_STREAM as error:
        found.skip(label, explain_break(error))


def _add(path: Path, label: str, head: bytes, size: int, compressed: bool, found: FoundInputs, named: bool) -> None:
    known = recognise(path.name, head)
    if isinstance(known, str):
        found.skip(label, known)
    elif not named and not is_log_name(path.name):
        found.skip(label, f"{NOT_BY_NAME}; name the file itself to have it read")
    elif compressed and known.format is LogFormat.PARQUET:
        found.skip(label, "Parquet inside gzip is not read: unpack it first")
    elif compressed:
        found.inputs.append(_input(path, label, known, size * PACKING, packed=size))
    elif known == Recognised(LogFormat.JSON_LINES) and size > 2 * _SLICE:
        found.inputs.extend(_slices(path, label, size))
    else:
        found.inputs.append(_input(path, label, known, size))


def _input(path: Path, label: str, known: Recognised, size: int, packed: int = 0) -> LogInput:
    return LogInput(path, label, known.format, size, compressed=packed > 0, packed=packed, encoding=known.encoding)


def _slices(path: Path, label: str, size: int) -> list[LogInput]:
    """Slices that begin at line starts; the slice before reads the line that crosses its end."""
    found: list[LogInput] = []
    start = 0
    with path.open("rb") as file:
        while start < size:
            end = min(start + _SLICE, size)
            if end < size:
                file.seek(end - 1)
                while (piece := file.readline(1 << 20)) and not piece.endswith(b"\n"):
                    pass
                end = file.tell()
            found.append(LogInput(path, label, LogFormat.JSON_LINES, end - start, start=start, length=end - start))
            start = end
    return found
