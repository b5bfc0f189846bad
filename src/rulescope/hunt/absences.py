"""What a search asks for and no event of a load has: fields, indexes, sources, sourcetypes and hosts."""

from __future__ import annotations

from rulescope import ir
from rulescope.engines.sql.context import ModelSource
from rulescope.hunt.absent_fields import absent_fields
from rulescope.hunt.absent_values import absent_values
from rulescope.hunt.field_uses import read_fields
from rulescope.hunt.labels import Labels
from rulescope.hunt.language_kinds import LanguageKinds
from rulescope.hunt.unknown_sources import unknown_sources
from rulescope.hunt.vocabularies import SPLUNK, Vocabulary
from rulescope.text import Diagnostic


class Absences:
    """Tells for one search after another what no event of the load has."""

    def __init__(self, languages: LanguageKinds, models: ModelSource | None) -> None:
        self._languages = languages
        self._models = models
        self._labels = Labels(languages.kinds)

    def of(self, pipeline: ir.Pipeline, vocabulary: Vocabulary, *, alone: bool) -> list[Diagnostic]:
        """A warning for each thing that the search, bound to logs, asks for in vain; nothing for languages over tables,
        which refuse such a search, and where no event was read at all, which is said of the load. `alone`: it is not
        one of many rules, most of which are of other logs."""
        if vocabulary.tables or not self._languages.kinds.everything:
            return []
        known = self._languages.fields(vocabulary)
        reading = read_fields(pipeline, known, self._models)
        found = absent_fields(pipeline, reading, known, alone=alone)
        if vocabulary is SPLUNK:
            return [*absent_values(reading, known, self._labels, alone=alone), *found]
        return [*unknown_sources(reading), *found]
