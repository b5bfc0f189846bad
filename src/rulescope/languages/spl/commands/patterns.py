"""What can be seen to be wrong with a regular expression without running it."""

from __future__ import annotations


def pattern_problem(pattern: str) -> str | None:
    """Why no regular-expression engine can take `pattern` (a bracket that is not closed, or closes nothing), or None.

    Patterns with a quoted part or comments (`\\Q`, `(?x)`, `(?#`) are not judged: brackets in them need not balance.
    """
    if any(mark in pattern for mark in ("\\Q", "(?x", "(?#", "(*")):
        return None
    depth = 0
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
        elif character == "[":
            end = _class_end(pattern, position)
            if end is None:
                return "a '[' is not closed"
            position = end
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth < 0:
                return "a ')' closes nothing"
        position += 1
    return "a '(' is not closed" if depth else None


def _class_end(pattern: str, position: int) -> int | None:
    """Where the `]` stands that closes the character class opening at `position`."""
    position += 1
    if pattern.startswith("^", position):
        position += 1
    if pattern.startswith("]", position):
        position += 1
    while position < len(pattern):
        character = pattern[position]
        if character == "\\":
            position += 1
        elif character == "[" and pattern[position + 1 : position + 2] in (":", ".", "="):
            closing = pattern.find(f"{pattern[position + 1]}]", position + 2)
            if closing >= 0:
                position = closing + 1
        elif character == "]":
            return position
        position += 1
    return None
