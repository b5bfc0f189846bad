"""How the value of a field is computed from an event's raw fields: a few forms.

The data files write a form as text, which `derivation_notation` reads; engines compile it, and `derivation_value` gives
its meaning for one event.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawField:
    """The value of a raw field; NULL where it is missing or empty."""

    name: str


@dataclass(frozen=True, slots=True)
class ConstantText:
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
class CommandLineArguments:
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
class PrintedMember:
    """The member `key` of a JSON object as text, the way Java prints maps and lists; NULL where there is none."""

    of: Form
    key: str


Form = (
    RawField
    | ConstantText
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
    | CommandLineArguments
    | ListOf
    | Count
    | PrintedMember
)


def raw_fields(form: Form) -> frozenset[str]:
    """The names of all raw fields that a form reads."""
    if isinstance(form, RawField):
        return frozenset((form.name,))
    return frozenset(name for part in _parts(form) for name in raw_fields(part))


def _parts(form: Form) -> tuple[Form, ...]:
    match form:
        case RawField() | ConstantText():
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
