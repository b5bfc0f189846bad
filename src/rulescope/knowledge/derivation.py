"""How the value of a field is computed from an event's raw fields: a few forms, their notation, and what they mean.

The data files write a form as text; `parse_form` reads it, engines compile it, and `evaluate` gives its meaning for one
event.

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
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rulescope.errors import KnowledgeError
from rulescope.knowledge.command_line import split_arguments, split_words
from rulescope.knowledge.json_member import printed_member


@dataclass(frozen=True, slots=True)
class RawField:
    """The value of a raw field; NULL where it is missing or empty."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A text that does not depend on the event."""

    value: str


@dataclass(frozen=True, slots=True)
class Basename:
    """What follows the last backslash or slash; the whole text if there is none."""

    of: Form


@dataclass(frozen=True, slots=True)
class Dirname:
    """What precedes the last backslash or slash; NULL if there is none."""

    of: Form


@dataclass(frozen=True, slots=True)
class RegexExtract:
    """The first group of the first match of `pattern`; NULL if it is not found."""

    of: Form
    pattern: str


@dataclass(frozen=True, slots=True)
class RegexReplace:
    """The text with every match of `pattern` replaced by the plain text `replacement`."""

    of: Form
    pattern: str
    replacement: str


@dataclass(frozen=True, slots=True)
class NullIf:
    """The value, or NULL if it equals one of `values`."""

    of: Form
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coalesce:
    """The first of `parts` that is not NULL."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class CaseOnValue:
    """The form paired with the value of `of`, else `default` (NULL if that is None). The comparison regards case."""

    of: Form
    branches: tuple[tuple[str, Form], ...]
    default: Form | None


@dataclass(frozen=True, slots=True)
class WhenMatches:
    """`then` where `pattern` is found in `of`, else (also where `of` is NULL) `otherwise`, NULL if that is None."""

    of: Form
    pattern: str
    then: Form
    otherwise: Form | None


@dataclass(frozen=True, slots=True)
class WhenSame:
    """`then` where both are there and equal, else `otherwise`, NULL if that is None."""

    left: Form
    right: Form
    then: Form
    otherwise: Form | None


@dataclass(frozen=True, slots=True)
class Concat:
    """All parts joined as text; NULL if one of them is."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Lower:
    """The text in lower case."""

    of: Form


@dataclass(frozen=True, slots=True)
class Length:
    """The number of characters, as text."""

    of: Form


@dataclass(frozen=True, slots=True)
class Decimal:
    """A hexadecimal number in decimal; NULL where the text is none."""

    of: Form


@dataclass(frozen=True, slots=True)
class Split:
    """Multivalue: the parts between separators that are not empty; NULL if there is none."""

    of: Form
    separator: str


@dataclass(frozen=True, slots=True)
class Arguments:
    """Multivalue: the arguments of a command line (`split_arguments`), or, not `parsed`, its words (`split_words`)."""

    parsed: bool
    of: Form


@dataclass(frozen=True, slots=True)
class ListOf:
    """Multivalue: the parts that are not NULL, in order; NULL if all are."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many values there are, as text; NULL where there is none."""

    of: Form


@dataclass(frozen=True, slots=True)
class Printed:
    """The member `key` of a JSON object as text, the way Java prints maps and lists; NULL where there is none."""

    of: Form
    key: str


Form = (
    RawField
    | Constant
    | Basename
    | Dirname
    | RegexExtract
    | RegexReplace
    | NullIf
    | Coalesce
    | CaseOnValue
    | WhenMatches
    | WhenSame
    | Concat
    | Lower
    | Length
    | Decimal
    | Split
    | Arguments
    | ListOf
    | Count
    | Printed
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
        return Constant(token[1:-1].replace("''", "'")), place
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
    if not isinstance(form, Constant):
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
    return Printed(subject, _text_of(key))


_BUILDERS: dict[str, Callable[[list[Form]], Form]] = {
    "basename": lambda arguments: Basename(*arguments),
    "dirname": lambda arguments: Dirname(*arguments),
    "lower": lambda arguments: Lower(*arguments),
    "length": lambda arguments: Length(*arguments),
    "decimal": lambda arguments: Decimal(*arguments),
    "arguments": lambda arguments: Arguments(True, *arguments),
    "words": lambda arguments: Arguments(False, *arguments),
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

Value = str | tuple[str, ...] | None


def raw_fields(form: Form) -> frozenset[str]:
    """The names of all raw fields that a form reads."""
    if isinstance(form, RawField):
        return frozenset((form.name,))
    return frozenset(name for part in _parts(form) for name in raw_fields(part))


def _parts(form: Form) -> tuple[Form, ...]:
    match form:
        case RawField() | Constant():
            return ()
        case Coalesce() | Concat() | ListOf():
            return form.parts
        case CaseOnValue():
            default = (form.default,) if form.default else ()
            return (form.of, *(value for _, value in form.branches), *default)
        case WhenMatches():
            return (form.of, form.then, *((form.otherwise,) if form.otherwise else ()))
        case WhenSame():
            return (form.left, form.right, form.then, *((form.otherwise,) if form.otherwise else ()))
        case _:
            return (form.of,)


def evaluate(form: Form, event: Mapping[str, str]) -> Value:
    """The value of the form for one event with these raw fields: text, several texts, or None for NULL."""
    match form:
        case RawField(name):
            return event.get(name) or None
        case Constant(constant):
            return constant
        case Coalesce(parts):
            return next((value for part in parts if (value := evaluate(part, event)) is not None), None)
        case Concat(parts):
            texts = [_one(evaluate(part, event)) for part in parts]
            return None if None in texts else "".join(text for text in texts if text is not None)
        case ListOf(parts):
            return tuple(text for part in parts if (text := _one(evaluate(part, event))) is not None) or None
        case Count(of):
            counted = evaluate(of, event)
            return None if counted is None else str(len(counted) if isinstance(counted, tuple) else 1)
        case WhenSame(left, right, then, otherwise):
            first, second = evaluate(left, event), evaluate(right, event)
            branch = then if first is not None and first == second else otherwise
            return None if branch is None else evaluate(branch, event)
        case CaseOnValue(of, branches, default):
            subject = evaluate(of, event)
            branch = next((value for key, value in branches if key == subject), default)
            return None if branch is None else evaluate(branch, event)
        case WhenMatches(of, pattern, then, otherwise):
            text = _one(evaluate(of, event))
            branch = then if text is not None and re.search(pattern, text) else otherwise
            return None if branch is None else evaluate(branch, event)
        case _:
            return _evaluate_text(form, _one(evaluate(form.of, event)))


def _evaluate_text(
    form: Basename
    | Dirname
    | RegexExtract
    | RegexReplace
    | NullIf
    | Lower
    | Length
    | Decimal
    | Split
    | Arguments
    | Printed,
    text: str | None,
) -> Value:
    if text is None:
        return None
    match form:
        case Basename():
            return re.split(r"[\\/]", text)[-1]
        case Dirname():
            found = re.match(r"(?s)(.*)[\\/]", text)
            return found.group(1) if found else None
        case RegexExtract(pattern=pattern):
            found = re.search(pattern, text)
            return found.group(1) if found else None
        case RegexReplace(pattern=pattern, replacement=replacement):
            return re.sub(pattern, lambda _: replacement, text)
        case NullIf(values=values):
            return None if text in values else text
        case Lower():
            return text.lower()
        case Length():
            return str(len(text))
        case Decimal():
            return decimal(text)
        case Arguments(parsed=parsed):
            return (split_arguments(text) if parsed else split_words(text)) or None
        case Printed(key=key):
            return printed_member(text, key)
        case Split(separator=separator):
            return tuple(part for part in text.split(separator) if part) or None


def decimal(text: str) -> str | None:
    """The hexadecimal number that a text of up to 16 digits spells, in decimal; None where it spells none."""
    digits = text.strip().lower().removeprefix("0x")
    if not digits or len(digits) > 16 or not set(digits) <= set("0123456789abcdef"):
        return None
    return str(int(digits, 16))


def _one(value: Value) -> str | None:
    return value[0] if isinstance(value, tuple) else value
