"""What rules in different languages have in common."""

from __future__ import annotations

from dataclasses import dataclass

from rulescope.api.models.rule import RuleLink


@dataclass(frozen=True, slots=True)
class LanguageSharing:
    """A language's rules that look for some value (`rules`), and how many share one with a rule in another language.

    `telling` leaves out values that only say which event is meant (the number of an event, the name of an API call).
    `with_language` counts the rules that share a value with some rule in each other language, those left out as well.
    """

    language: str
    rules: int
    sharing: int
    telling: int
    with_language: dict[str, int]


@dataclass(frozen=True, slots=True)
class SharedIndicator:
    """A value that rules in several languages look for; `derived` of the rules compare another field to the same end.

    `examples` is one rule a language.
    """

    field: str
    field_slug: str
    kind: str
    value: str
    anchor: str
    rules: int
    derived: int
    by_language: dict[str, int]
    examples: tuple[RuleLink, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """Of the rules that look for some value, how many share one with a rule in another language.

    `most_shared` are the values that most rules outside the language that has most of them look for.
    """

    rules: int
    sharing: int
    telling: int
    languages: tuple[LanguageSharing, ...]
    most_shared: tuple[SharedIndicator, ...]
