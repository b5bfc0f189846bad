"""What a search asks for and no event of a load has: fields, indexes, sources, sourcetypes and hosts."""

from __future__ import annotations

from collections import Counter

from rulescope import ir
from rulescope.engines.sql.context import ModelSource
from rulescope.hunt.absent_fields import absent_fields, lost_columns
from rulescope.hunt.absent_values import absent_categories, absent_values
from rulescope.hunt.field_uses import read_fields
from rulescope.hunt.labels import Labels
from rulescope.hunt.language_kinds import LanguageKinds
from rulescope.hunt.unknown_sources import empty_sources, unknown_sources
from rulescope.hunt.vocabularies import Vocabulary
from rulescope.text import Diagnostic


class Absences:
    """Tells for one search after another what no event of the load has."""

    def __init__(self, languages: LanguageKinds, models: ModelSource | None) -> None:
        self._languages = languages
        self._models = models
        self._labels: dict[str, Labels] = {}

    def of(self, pipeline: ir.Pipeline, vocabulary: Vocabulary, *, alone: bool) -> list[Diagnostic]:
        """A warning for each thing that the search, bound to logs, asks for in vain; of languages over tables, which
        refuse all else, the tables; nothing where no event was read at all, which is said of the load. `alone`: it is
        not one of many rules, most of which are of other logs."""
        if not self._languages.kinds.everything:
            return []
        lost = lost_columns(pipeline, self._languages.kinds.store.dropped) if vocabulary.tables else []
        if vocabulary.tables and not alone:
            return lost
        known = self._languages.fields(vocabulary)
        empty = empty_sources(pipeline, known, self._logs_there()) if alone and not vocabulary.says_where else []
        if vocabulary.tables:
            return [*empty, *lost]
        reading = read_fields(pipeline, known, self._models)
        found = absent_fields(pipeline, reading, known, alone=alone)
        if vocabulary.says_where:
            return [*absent_values(reading, known, self._labels_of(vocabulary), alone=alone), *found]
        found = [*(unknown_sources(pipeline) or empty), *found]
        if vocabulary.labels:
            return [*absent_categories(reading, known, self._labels_of(vocabulary), alone=alone), *found]
        return found

    def _labels_of(self, vocabulary: Vocabulary) -> Labels:
        if vocabulary.name not in self._labels:
            own = self._languages.own
            self._labels[vocabulary.name] = Labels(self._languages.of(vocabulary), vocabulary, own)
        return self._labels[vocabulary.name]

    def _logs_there(self) -> list[str]:
        """The logs that the events are of, the fullest first."""
        counts: Counter[str] = Counter()
        for kind in self._languages.kinds.kinds:
            counts[kind.channel or kind.sourcetype or "no log that they tell"] += kind.count
        return [name for name, _ in counts.most_common()]
