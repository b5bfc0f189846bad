"""The notation of the forms of `derivation`, as the data files write them.

    Image   "Threat Name"                  the raw field, NULL where the event has none or an empty one
    'text'                                 a constant; two single quotes stand for one
    basename(f)  dirname(f)                the part after, and before, the last \\ or /
    extract(f, 'regex')                    the first group of the first match, else NULL
    replace(f, 'regex', 'text')            every match replaced
    null_if(f, 'a', 'b')                   NULL where the value is one of these
    coalesce(f, g)                         the first that is not NULL
    case(f, 'a', x, 'b', y, z)             x where f is 'a', y where it is 'b', else z (NULL if left out)
    when(f, 'regex', x, y)                 x where the regex is found in f, else y (NULL if left out)
    same(f, g, x, y)                       x where both are there and equal, else y (NULL if left out)
    concat(f, g)                           joined as text, NULL if one of them is
    lower(f)                               in lower case
    length(f)                              the number of characters, as text
    decimal(f)                             a hexadecimal number (`0x` may precede) in decimal, NULL if it is none
    split(f, 'sep')                        multivalue: the parts that are not empty
    arguments(f)                           multivalue: a command line's arguments, as Windows programs get them
    words(f)                               multivalue: what stands between blanks outside quotes, quotes kept
    list(f, g)                             multivalue: those that are not NULL
    count(f)                               how many values a multivalue has, as text
    printed(f, 'key')                      the member of a JSON object as Java prints it: `{a=1, b=[x, y]}`

Regexes keep to what RE2 and PCRE understand alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rulescope.errors import KnowledgeError
from rulescope.knowledge.derivation import (
    Basename,
    CaseOnValue,
    Coalesce,
    CommandLineArguments,
    Concat,
    ConstantText,
    Count,
    Decimal,
    Dirname,
    Form,
    Length,
    ListOf,
    Lower,
    NullIf,
    PrintedMember,
    RawField,
    RegexExtract,
    RegexReplace,
    Split,
    WhenMatches,
    WhenSame,
)

_TOKEN = re.compile(r"""\s*(?:(?P<text>'(?:[^']|'')*')|"(?P<name>[^"]+)"|(?P<mark>[(),])|(?P<word>[^\s'"(),]+))""")


def parse_form(text: str) -> Form:
    """The form that the notation stands for; raises KnowledgeError, with the text, where it is not well formed."""
    tokens: list[tuple[str, str]] = []
    place = 0
    stripped = text.rstrip()
    while place < len(stripped):
        found = _TOKEN.match(stripped, place)
        if found is None or found.lastgroup is None:
            raise KnowledgeError(f"cannot read the field rule {text!r} at character {place + 1}")
        tokens.append((found.lastgroup, found.group(found.lastgroup)))
        place = found.end()
    form, rest = _parse(tokens, 0, text)
    if rest != len(tokens):
        raise KnowledgeError(f"the field rule {text!r} goes on after its end")
    return form


def _parse(tokens: list[tuple[str, str]], place: int, text: str) -> tuple[Form, int]:
    if place >= len(tokens):
        raise KnowledgeError(f"the field rule {text!r} ends too early")
    kind, token = tokens[place]
    place += 1
    if kind == "text":
        return ConstantText(token[1:-1].replace("''", "'")), place
    if kind == "mark":
        raise KnowledgeError(f"the field rule {text!r} has a misplaced {token!r}")
    if kind == "name" or place >= len(tokens) or tokens[place] != ("mark", "("):
        return RawField(token), place
    arguments: list[Form] = []
    while True:
        argument, place = _parse(tokens, place + 1, text)
        arguments.append(argument)
        if place >= len(tokens):
            raise KnowledgeError(f"the field rule {text!r} lacks a closing parenthesis")
        if tokens[place] == ("mark", ")"):
            break
        if tokens[place] != ("mark", ","):
            raise KnowledgeError(f"the field rule {text!r} lacks a comma before {tokens[place][1]!r}")
    build = _BUILDERS.get(token)
    if build is None:
        raise KnowledgeError(f"the field rule {text!r} names an unknown function {token!r}")
    try:
        return build(arguments), place + 1
    except (TypeError, ValueError, IndexError, re.error) as error:
        raise KnowledgeError(f"the field rule {text!r} gives {token!r} the wrong arguments") from error


def _text_of(form: Form) -> str:
    if not isinstance(form, ConstantText):
        raise ValueError("a text in quotes is needed here")
    return form.value


def _pattern_of(form: Form) -> str:
    pattern = _text_of(form)
    re.compile(pattern)
    return pattern


def _case(arguments: list[Form]) -> Form:
    subject, *rest = arguments
    default = rest.pop() if len(rest) % 2 else None
    pairs = tuple((_text_of(rest[at]), rest[at + 1]) for at in range(0, len(rest), 2))
    return CaseOnValue(subject, pairs, default)


def _when(arguments: list[Form]) -> Form:
    subject, pattern, then, *rest = arguments
    return WhenMatches(subject, _pattern_of(pattern), then, _last(rest))


def _same(arguments: list[Form]) -> Form:
    left, right, then, *rest = arguments
    return WhenSame(left, right, then, _last(rest))


def _last(rest: list[Form]) -> Form | None:
    if not rest:
        return None
    (only,) = rest
    return only


def _extract(arguments: list[Form]) -> Form:
    subject, pattern = arguments
    return RegexExtract(subject, _pattern_of(pattern))


def _replace(arguments: list[Form]) -> Form:
    subject, pattern, replacement = arguments
    return RegexReplace(subject, _pattern_of(pattern), _text_of(replacement))


def _split(arguments: list[Form]) -> Form:
    subject, separator = arguments
    return Split(subject, _text_of(separator))


def _printed(arguments: list[Form]) -> Form:
    subject, key = arguments
    return PrintedMember(subject, _text_of(key))


_BUILDERS: dict[str, Callable[[list[Form]], Form]] = {
    "basename": lambda arguments: Basename(*arguments),
    "dirname": lambda arguments: Dirname(*arguments),
    "lower": lambda arguments: Lower(*arguments),
    "length": lambda arguments: Length(*arguments),
    "decimal": lambda arguments: Decimal(*arguments),
    "arguments": lambda arguments: CommandLineArguments(True, *arguments),
    "words": lambda arguments: CommandLineArguments(False, *arguments),
    "extract": _extract,
    "replace": _replace,
    "null_if": lambda arguments: NullIf(arguments[0], tuple(map(_text_of, arguments[1:]))),
    "coalesce": lambda arguments: Coalesce(tuple(arguments)),
    "concat": lambda arguments: Concat(tuple(arguments)),
    "list": lambda arguments: ListOf(tuple(arguments)),
    "count": lambda arguments: Count(*arguments),
    "printed": _printed,
    "case": _case,
    "when": _when,
    "same": _same,
    "split": _split,
}
