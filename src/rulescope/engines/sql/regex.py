"""PCRE patterns on an engine whose own regular expressions are RE2.

RE2 has no look-around, back-references, atomic groups or possessive quantifiers, and means other things by `$`, `\\s`,
`\\h` and a few more. `translate` says the same in RE2 where that can be said, and None where it can't: the caller then
uses a PCRE library. Facts: pcre2pattern(3), RE2 syntax page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_HORIZONTAL = r"\t \x{00a0}\x{1680}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
_VERTICAL = r"\n\x0b\f\r\x{0085}\x{2028}\x{2029}"
_PLAIN_ESCAPES = frozenset("dDwWbBnrtfaAzsS")
_CLASS_ESCAPES = frozenset("dDwWnrtfasS")
_FLAGS = re.compile(r"\(\?([imsUJxn^-]*)([:)])")
_NAME = re.compile(r"\(\?P?[<']([A-Za-z_]\w*)[>']")
_ANY_UNIT = "(?s:.)"
_UNIT = re.compile(r"(?<!\\)((?:\\\\)*)\\C")
_HEXADECIMAL = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{0,2}))")
_OCTAL = re.compile(r"\\0([0-7]{0,2})")
_PROPERTY = re.compile(r"\\[pP](?:\{\^?\w+\}|[A-Z])")
_CLASS_PUNCTUATION = frozenset("\\^-[]/.$|()*+?{}&~#!\"'%,:;<=>@`")
_QUANTIFIER = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}")


@dataclass(frozen=True, slots=True)
class Groups:
    """The capture groups of a pattern: how many, and the names by number (from 1)."""

    count: int
    names: tuple[tuple[str, int], ...]


def pcre_pattern(pattern: str) -> str:
    """The pattern as our PCRE library takes it: it is built without `\\C`, one code unit, which is said otherwise.

    Rules hold it by accident (`\\CurrentVersion`); Splunk's library takes it.
    """
    return _UNIT.sub(lambda found: found.group(1) + _ANY_UNIT, pattern)


class _NotRe2(Exception):
    pass


@lru_cache(maxsize=4096)
def translate(pattern: str) -> str | None:
    """The PCRE as an RE2 pattern that finds the same, or None where RE2 can't."""
    try:
        return _Translator(pattern).run()
    except _NotRe2:
        return None


@lru_cache(maxsize=4096)
def groups_of(pattern: str) -> Groups:
    """The capture groups of a PCRE, counted by their opening brackets."""
    names: list[tuple[str, int]] = []
    count, position, length = 0, 0, len(pattern)
    while position < length:
        character = pattern[position]
        if character == "\\":
            if pattern.startswith("\\Q", position):
                end = pattern.find("\\E", position)
                position = length if end < 0 else end + 2
                continue
            position += 2
        elif character == "[":
            position = _class_end(pattern, position)
        elif character == "(":
            named = _NAME.match(pattern, position)
            if named and not pattern.startswith(("(?<=", "(?<!"), position):
                count += 1
                names.append((named.group(1), count))
            elif not pattern.startswith(("(?", "(*"), position):
                count += 1
            position += 1
        else:
            position += 1
    return Groups(count, tuple(names))


def _class_end(pattern: str, start: int) -> int:
    position = start + 1
    if pattern.startswith("^", position):
        position += 1
    if pattern.startswith("]", position):
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        if pattern[position] == "\\":
            position += 2
        elif pattern.startswith("[:", position) and ":]" in pattern[position + 2 :]:
            position = pattern.index(":]", position + 2) + 2
        else:
            position += 1
    return position + 1


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.out: list[str] = []
        self.multiline = [False]
        self.names: set[str] = set()

    def run(self) -> str:
        while self.position < len(self.pattern):
            self.step()
        return "".join(self.out)

    def step(self) -> None:
        pattern, position = self.pattern, self.position
        character = pattern[position]
        if character == "\\":
            self.escape()
        elif character == "[":
            self.character_class()
        elif character == "(":
            self.group()
        elif character == ")":
            if len(self.multiline) > 1:
                self.multiline.pop()
            self.put(")", 1)
        elif character == "$":
            # Without (?m), PCRE's $ also stands before a line break that ends the text.
            self.put("$" if self.multiline[-1] else r"(?:$|\n\z)", 1)
        else:
            quantifier = _QUANTIFIER.match(pattern, position)
            if quantifier:
                end = quantifier.end()
                if end < len(pattern) and pattern[end] == "+":
                    raise _NotRe2
                text = quantifier.group()
                if text.startswith("{") and max(int(n) for n in re.findall(r"\d+", text)) > 1000:
                    raise _NotRe2
                if end < len(pattern) and pattern[end] == "?":
                    end += 1
                self.put(pattern[position:end], end - position)
            else:
                self.put(character, 1)

    def put(self, text: str, length: int) -> None:
        self.out.append(text)
        self.position += length

    def group(self) -> None:
        pattern, position = self.pattern, self.position
        if pattern.startswith("(?#", position):
            end = pattern.find(")", position)
            if end < 0:
                raise _NotRe2
            self.put("", end + 1 - position)
            return
        named = _NAME.match(pattern, position)
        if named and not pattern.startswith(("(?<=", "(?<!"), position):
            if named.group(1) in self.names:
                raise _NotRe2
            self.names.add(named.group(1))
            self.multiline.append(self.multiline[-1])
            self.put(f"(?P<{named.group(1)}>", named.end() - position)
            return
        if pattern.startswith("(*", position):
            raise _NotRe2
        if not pattern.startswith("(?", position):
            self.multiline.append(self.multiline[-1])
            self.put("(", 1)
            return
        flags = _FLAGS.match(pattern, position)
        if not flags or any(flag in flags.group(1) for flag in "xJn^"):
            raise _NotRe2
        on, _, off = flags.group(1).partition("-")
        multiline = (self.multiline[-1] or "m" in on) and "m" not in off
        if flags.group(2) == ":":
            self.multiline.append(multiline)
        else:
            self.multiline[-1] = multiline
        self.put(flags.group(), len(flags.group()))

    def escape(self) -> None:
        pattern, position = self.pattern, self.position
        if position + 1 >= len(pattern):
            raise _NotRe2
        character = pattern[position + 1]
        if character == "Q":
            end = pattern.find("\\E", position)
            text = pattern[position + 2 : end if end >= 0 else None]
            self.put(re_escape(text), (end + 2 if end >= 0 else len(pattern)) - position)
        elif character == "E":
            self.put("", 2)
        elif character == "s":
            self.put(r"[\s\x0b]", 2)
        elif character == "S":
            self.put(r"[^\s\x0b]", 2)
        elif character in _PLAIN_ESCAPES:
            self.put(pattern[position : position + 2], 2)
        elif character == "Z":
            self.put(r"(?:\n?\z)", 2)
        elif character == "h":
            self.put(f"[{_HORIZONTAL}]", 2)
        elif character == "H":
            self.put(f"[^{_HORIZONTAL}]", 2)
        elif character == "v":
            self.put(f"[{_VERTICAL}]", 2)
        elif character == "V":
            self.put(f"[^{_VERTICAL}]", 2)
        elif character == "N":
            self.put(r"[^\n]", 2)
        elif character == "R":
            self.put(rf"(?:\r\n|[{_VERTICAL}])", 2)
        elif character == "C":
            self.put(_ANY_UNIT, 2)
        else:
            self.put(*self.literal_escape(position))

    def literal_escape(self, position: int) -> tuple[str, int]:
        """What the escape at `position` stands for, and how long it is."""
        pattern = self.pattern
        character = pattern[position + 1]
        if character == "x" and (found := _HEXADECIMAL.match(pattern, position)):
            return f"\\x{{{found.group(1) or found.group(2) or '0'}}}", len(found.group())
        if character == "e":
            return r"\x1b", 2
        if character == "0" and (found := _OCTAL.match(pattern, position)):
            return f"\\x{{{int(found.group(1) or '0', 8):x}}}", len(found.group())
        if character in "pP" and (found := _PROPERTY.match(pattern, position)):
            return found.group(), len(found.group())
        if character.isalnum():
            # Back-references, \K, \G, \X, \g, \k, \c… and letters that PCRE itself refuses.
            raise _NotRe2
        return re_escape(character), 2

    def character_class(self) -> None:
        pattern = self.pattern
        end = _class_end(pattern, self.position)
        if end > len(pattern):
            raise _NotRe2
        inner = self.position + 1
        out = ["["]
        if pattern[inner] == "^":
            out.append("^")
            inner += 1
        if pattern[inner] == "]":
            out.append(r"\]")
            inner += 1
        while inner < end - 1:
            character = pattern[inner]
            if pattern.startswith("[:", inner) and ":]" in pattern[inner:end]:
                close = pattern.index(":]", inner) + 2
                out.append(pattern[inner:close])
                inner = close
            elif character == "[":
                out.append(r"\[")
                inner += 1
            elif character == "\\":
                inner = self.class_escape(inner, out)
            else:
                out.append(character)
                inner += 1
        out.append("]")
        self.put("".join(out), end - self.position)

    def class_escape(self, inner: int, out: list[str]) -> int:
        pattern = self.pattern
        character = pattern[inner + 1]
        if character == "s":
            out.append(r"\s\x0b")
        elif character == "S" or character in _CLASS_ESCAPES:
            out.append("\\" + character)
        elif character == "h":
            out.append(_HORIZONTAL)
        elif character == "v":
            out.append(_VERTICAL)
        elif character == "b":
            out.append(r"\x08")
        elif character in "xe0pP":
            text, length = self.literal_escape(inner)
            out.append(text)
            return inner + length
        elif character.isalnum():
            raise _NotRe2
        else:
            out.append("\\" + character if character in _CLASS_PUNCTUATION else character)
        return inner + 2


def re_escape(text: str) -> str:
    """The text as a pattern that RE2 and PCRE read alike."""
    return re.sub(r"([\\.^$*+?()\[\]{}|/-])", r"\\\1", text)
