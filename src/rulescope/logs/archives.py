"""The logs inside zip files."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from rulescope.logs.formats import NOT_BY_NAME, LogFormat, Recognised, is_log_name, recognise
from rulescope.logs.inputs import GZIP_MAGIC, PACKING, FoundInputs, LogInput, label_of, read_head
from rulescope.logs.model import LoadLimits, Problem
from rulescope.logs.readers.inflate import Inflated
from rulescope.logs.readers.streams import BROKEN_STREAM, explain_break
from rulescope.logs.readers.zip_members import BROKEN_ZIP, Member, list_members, open_member

_MAC_NOTES = "__MACOSX"


def add_archive(path: Path, label: str, found: FoundInputs, limits: LoadLimits) -> None:
    """Add the logs of a zip file, in the order of its directory; all else in it is told with its reason."""
    try:
        members, damage = list_members(path, limits.archive_members)
    except BROKEN_ZIP as error:
        found.skip(label, explain_break(error), "zip")
        return
    if len(members) > limits.archive_members:
        found.skip(label, f"more than {limits.archive_members:,} members", "zip")
        return
    if damage is not None:
        read = f"{len(members):,} member{'' if len(members) == 1 else 's'} found one after the other"
        found.problems.append(Problem(label, f"{damage}; {read}", code="LOG046"))
    _Archive(path, label, found, limits).add_all(members)


class _Archive:
    """Goes through the members of one zip file."""

    def __init__(self, path: Path, label: str, found: FoundInputs, limits: LoadLimits) -> None:
        self._path = path
        self._label = label
        self._found = found
        self._limits = limits
        self._unpacked = 0
        self._labels: set[str] = set()

    def add_all(self, members: list[Member]) -> None:
        """Add each member that is a log. The second member of a name is `name#2`; macOS's notes count once."""
        noted = False
        for member in members:
            parts = PurePosixPath(member.name.replace("\\", "/")).parts
            if _MAC_NOTES in parts:
                if not noted:
                    self._found.skip(f"{self._label}!{_MAC_NOTES}/", "a folder of notes that macOS makes for itself")
                noted = True
                continue
            if member.name.endswith("/") and not member.size:
                continue
            label = self._name(member)
            reason = self._refuse(member) or self._add(member, label, parts[-1] if parts else "")
            if reason is not None:
                self._found.skip(label, reason)

    def _name(self, member: Member) -> str:
        plain = label = f"{self._label}!{label_of(member.name)}"
        again = 2
        while label in self._labels:
            label = f"{plain}#{again}"
            again += 1
        self._labels.add(label)
        return label

    def _refuse(self, member: Member) -> str | None:
        """Why a member is not even opened. Its name is only ever a label, never a path."""
        limits = self._limits
        if member.encrypted:
            return "encrypted: unpack it with its password first"
        size = member.size or 0
        if size > limits.member_bytes:
            return f"says it unpacks to {size:,} bytes, more than {limits.member_bytes:,}"
        if size > limits.ratio_floor and size > (member.packed or 0) * limits.ratio:
            return f"unpacks to more than {limits.ratio} times its size (a zip bomb?)"
        if self._unpacked + size > limits.archive_bytes:
            return f"the archive unpacks to more than {limits.archive_bytes:,} bytes"
        return None

    def _add(self, member: Member, label: str, name: str) -> str | None:
        try:
            head, failure, compressed = self._head(member)
        except (*BROKEN_STREAM, *BROKEN_ZIP) as error:
            return explain_break(error)
        known = failure if failure and not head else recognise(name, head)
        if isinstance(known, str):
            return known
        if name.startswith("."):
            return "a hidden file; unpack the archive and name the file to have it read"
        if not is_log_name(name):
            return f"{NOT_BY_NAME}; unpack the archive and name the file to have it read"
        if known.format is LogFormat.PARQUET:
            return "Parquet inside an archive is not read: unpack it first"
        self._found.inputs.append(self._input(member, label, known, compressed))
        self._unpacked += member.size or 0
        return None

    def _head(self, member: Member) -> tuple[bytes, str | None, bool]:
        """The first plain bytes, why there are no more, and whether they were packed with gzip inside the zip file."""
        with open_member(self._path, member) as stream:
            head, failure = read_head(stream)
        if not head.startswith(GZIP_MAGIC):
            return head, failure, False
        with open_member(self._path, member) as stream:
            return *read_head(Inflated(stream, gzip=True)), True

    def _input(self, member: Member, label: str, known: Recognised, compressed: bool) -> LogInput:
        packed = member.packed if member.packed is not None else self._path.stat().st_size
        size = member.size if member.size is not None else packed * PACKING
        return LogInput(
            self._path,
            label,
            known.format,
            size * (PACKING if compressed else 1),
            member=member,
            compressed=compressed,
            packed=max(packed, 1),
            encoding=known.encoding,
        )
