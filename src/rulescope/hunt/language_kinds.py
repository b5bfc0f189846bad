"""The kinds of a load's events, with what the names of each language mean in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from rulescope.hunt.kinds import Kinds
from rulescope.hunt.known_fields import KnownFields
from rulescope.hunt.raw_fields import RawFields
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.knowledge.field_rule import FieldRule


class LanguageKinds:
    """The kinds, and what is known of their fields, by vocabulary; each is made once. `own` are the user's rules of
    fields."""

    def __init__(self, kinds: Kinds, own: Sequence[FieldRule] = ()) -> None:
        self.kinds = kinds
        self.own = own
        self._of: dict[str, Kinds] = {}
        self._known: dict[str, KnownFields] = {}

    @cached_property
    def _raw(self) -> RawFields:
        return RawFields(self.kinds)

    def of(self, vocabulary: Vocabulary) -> Kinds:
        """The kinds of events as conditions in the vocabulary tell them."""
        if vocabulary.fields is None or vocabulary.tables:
            return self.kinds
        if vocabulary.name not in self._of:
            self._of[vocabulary.name] = self.kinds.of_language(vocabulary.fields().of_name)
        return self._of[vocabulary.name]

    def fields(self, vocabulary: Vocabulary) -> KnownFields:
        """What is known of the fields that the kinds have in the vocabulary's names."""
        if vocabulary.name not in self._known:
            self._known[vocabulary.name] = KnownFields(self.of(vocabulary), self._raw, vocabulary, self.own)
        return self._known[vocabulary.name]
