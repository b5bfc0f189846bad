"""Command lines taken apart into arguments, in the two ways in which Elastic's ingest pipelines do it."""

from __future__ import annotations

from functools import lru_cache

_BLANKS = " \t"


@lru_cache(maxsize=50_000)
def split_arguments(line: str) -> tuple[str, ...]:
    r"""The arguments as Microsoft's C runtime gave them to programs before 2008.

    Blanks and tabs part arguments, except within quotes. 2n backslashes before a quote stand for n, and the quote opens
    or closes; 2n+1 stand for n and a literal quote; others for themselves. Two quotes within quotes are a literal one,
    and close. Facts: Microsoft, "Parsing C command-line arguments"; Elastic's pipelines for Sysmon and PowerShell.
    """
    arguments: list[str] = []
    at, length = 0, len(line)
    while True:
        while at < length and line[at] in _BLANKS:
            at += 1
        if at >= length:
            return tuple(arguments)
        piece: list[str] = []
        quoted = False
        while at < length and (quoted or line[at] not in _BLANKS):
            start = at
            while at < length and line[at] == "\\":
                at += 1
            slashes = at - start
            if at >= length or line[at] != '"':
                piece.append("\\" * slashes)
                if not slashes:
                    piece.append(line[at])
                    at += 1
                continue
            piece.append("\\" * (slashes // 2))
            at += 1
            if slashes % 2:
                piece.append('"')
            elif quoted and at < length and line[at] == '"':
                piece.append('"')
                at += 1
                quoted = False
            else:
                quoted = not quoted
        arguments.append("".join(piece))


@lru_cache(maxsize=50_000)
def split_words(line: str) -> tuple[str, ...]:
    """The pieces between single blanks outside quotes, the quotes kept: two blanks have an empty piece between them.

    Facts: Elastic's pipeline for Windows Security, event 4688.
    """
    words: list[str] = []
    start, quoted = 0, False
    for at, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        if letter.isspace() and not quoted:
            words.append(line[start:at])
            start = at + 1
        if at == len(line) - 1:
            words.append(line[start:])
    return tuple(words)
