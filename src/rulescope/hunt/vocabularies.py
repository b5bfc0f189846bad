"""A rule's language chooses its vocabulary: what its field names, and the sources it reads, mean over raw logs.

A vocabulary has two halves, both from data in `knowledge`:

- `fields`: which raw fields a name stands for, by log and event id (`LanguageFields`, a CSV file each family of
  languages). A raw field of the very name goes first, unless a row says `instead`. A name that no row knows, and that
  no event has, is missing in every event.
- `bind`: puts into each `Origin` of a pipeline (a Sigma log source, an Elastic index pattern, a table) the condition
  that tells its events, from channel, provider, source type and event id. It raises `Refusal`, with the place, for a
  source that can't be told; it never lets one pass as if it were every event.

SPL's names follow Splunk's add-ons, and its searches say themselves where they look: its `bind` puts in the conditions
of the event types that are known. To run another language, write its rows and its `bind`, and give it a place in
`_VOCABULARIES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rulescope import ir
from rulescope.engines.sql.context import Context, EventsTable, Executor, Options, name_patterns, words_of
from rulescope.engines.sql.default_fields import DEFAULT_FIELDS
from rulescope.engines.sql.dialect import DIALECTS, Dialect, dialect_of
from rulescope.engines.sql.schema import name_pattern
from rulescope.engines.sql.vocabulary import KnowledgeFields
from rulescope.hunt.elastic_origins import bind_indexes
from rulescope.hunt.event_types import bind_event_types
from rulescope.hunt.origins import bind_origins
from rulescope.hunt.search_texts import SearchTexts
from rulescope.hunt.table_binding import bind_tables
from rulescope.knowledge.derivation import RawField
from rulescope.knowledge.elastic_datasets import elastic_fields
from rulescope.knowledge.field_rule import FieldRule, field_rules
from rulescope.knowledge.language_fields import LanguageFields
from rulescope.knowledge.log_directory import every_log
from rulescope.knowledge.sigma_sources import sigma_fields
from rulescope.languages.registry import LANGUAGES
from rulescope.languages.spl.functions import nearest_function
from rulescope.system.deadline import Deadline

if TYPE_CHECKING:
    from rulescope.hunt.knowledge import Knowledge


def _as_written(pipeline: ir.Pipeline) -> ir.Pipeline:
    return pipeline


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of a family of languages, by the name of its dialect.

    fields         what names stand for; None: those of Splunk's add-ons.
    bind           puts into sources the conditions that tell their events.
    tables         what a name means is said by the table that it is a column of.
    plain_lists    a list of values goes by the same name as a single one (`process.args`), where JSON is loaded by
                   Splunk's rules (`process.args{}`).
    says_where     searches say in conditions where they look, and read no sources apart from these.
    server_fields  events have fields that a server makes, which no log holds.
    derived_first  what an absent name may be meant to be is sought in the vocabulary's own names before the events'.
    labels         the fields that events are told apart by, as conditions ask for them.
    categories     the values that `event.category` can have.
    meant          the function that a name which is none may be meant to be.
    """

    name: str
    fields: Callable[[], LanguageFields] | None = None
    bind: Callable[[ir.Pipeline], ir.Pipeline] = _as_written
    tables: bool = False
    plain_lists: bool = False
    says_where: bool = False
    server_fields: bool = False
    derived_first: bool = False
    labels: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()
    meant: Callable[[str], str | None] | None = None

    @property
    def dialect(self) -> Dialect:
        """What stages, functions and values mean."""
        return dialect_of(self.name)

    def dialect_for(self, language: str) -> Dialect:
        """The dialect of one of the languages: its own, where it has one beside that of its family."""
        own = DIALECTS.get(language)
        return dialect_of(language) if own is not None and own.base is self.dialect else self.dialect

    def rules_of(self, name: str, own: Sequence[FieldRule] = ()) -> Sequence[FieldRule]:
        """The rules that derive a field of that name; `own` are the user's rules, which go first."""
        shipped = field_rules().of_target(name) if self.fields is None else self.fields().of_name(name)
        mine = [rule for rule in own if rule.target == name]
        return (*mine, *shipped) if mine else shipped

    def has(self, name: str) -> bool:
        """Whether the name is one of the vocabulary's own, and no raw field's with a prefix."""
        if self.fields is not None:
            return self.fields().has(name)
        from rulescope.knowledge.every_field import splunk_fields

        return name in splunk_fields()

    def names_like(self, name: str, raw: Iterable[str]) -> Iterable[str]:
        """The names that are derived, and of those that stand for raw fields by a prefix the ones that begin as the
        name, or as the pattern does."""
        if self.fields is None:
            return field_rules().targets
        return (*self.fields().names, *self.fields().spelt(name, raw))

    def taken_in(self, pattern: str, raw: Iterable[str], own: Sequence[FieldRule] = ()) -> frozenset[str]:
        """The names that a pattern (`process*`) takes in beside those of the raw fields: what may be made of these."""
        names = [*self.names_like(pattern, raw), *(rule.target for rule in own)]
        if self.fields is None and pattern.startswith("date_"):
            # The parts of an event's time are there where they are meant, and not for whatever begins with a d.
            names += DEFAULT_FIELDS
        return frozenset(filter(name_pattern(pattern).fullmatch, names))

    def resolver(
        self,
        shipped: KnowledgeFields,
        words: Collection[str],
        own: Sequence[FieldRule] = (),
        raw: Iterable[str] = (),
    ) -> KnowledgeFields:
        """What derives the fields of a search that has these words from the fields `raw`; `own` are the user's rules,
        which go first."""
        if self.fields is not None:
            lists = list_rules(raw) if self.plain_lists else ()
            return shipped.only_rules((*own, *self.fields().of_names(words), *lists))
        return shipped.with_rules(own) if own else shipped

    def context(
        self,
        pipeline: ir.Pipeline,
        events: EventsTable,
        knowledge: Knowledge,
        options: Options,
        executor: Executor | None = None,
    ) -> Context:
        """What the compilation of a pipeline of this vocabulary knows: every run, search and plan has it from here."""
        words = words_of(pipeline)
        fields = knowledge.fields
        if isinstance(fields, KnowledgeFields):
            for pattern in name_patterns(pipeline):
                words |= self.taken_in(pattern, events.fields, knowledge.user_fields)
            fields = self.resolver(fields, words, knowledge.user_fields, events.fields)
        return Context(
            options,
            self.dialect_for(pipeline.language),
            events,
            executor,
            fields,
            knowledge.lookups,
            knowledge.models,
            knowledge.places,
            SearchTexts(),
            words=words,
            printed=knowledge.printed,
            meant=self.meant,
            deadline=executor.deadline if executor is not None else Deadline(),
        )


def list_rules(raw: Iterable[str]) -> tuple[FieldRule, ...]:
    """A rule for each field that holds the values of a list, by its name without the braces."""
    return tuple(
        FieldRule(every_log(), frozenset(), name.replace("{}", ""), RawField(name), "lists")
        for name in raw
        if "{}" in name
    )


SPLUNK = Vocabulary(
    "spl",
    bind=bind_event_types,
    says_where=True,
    server_fields=True,
    labels=("index", "sourcetype", "source", "host"),
    meant=nearest_function,
)
SIGMA = Vocabulary("sigma", sigma_fields, bind_origins, plain_lists=True)
ELASTIC = Vocabulary(
    "elastic",
    elastic_fields,
    bind_indexes,
    plain_lists=True,
    derived_first=True,
    labels=("event.category", "event.dataset", "data_stream.dataset", "event.module"),
    categories=frozenset(LANGUAGES["eql"].categories),
)
KUSTO = Vocabulary("kusto", lambda: LanguageFields(()), partial(bind_tables, language="kusto"), tables=True)
SNOWFLAKE = Vocabulary("snowflake", lambda: LanguageFields(()), partial(bind_tables, language="snowflake"), tables=True)

_VOCABULARIES = {
    **dict.fromkeys(("eql", "kuery", "lucene", "esql"), ELASTIC),
    "sigma": SIGMA,
    "kusto": KUSTO,
    "snowflake": SNOWFLAKE,
}

LABELS = frozenset(label for one in (SPLUNK, *_VOCABULARIES.values()) for label in one.labels)
"""Every field that some vocabulary tells events apart by."""


def vocabulary_of(language: str) -> Vocabulary:
    """The vocabulary of a language, by the name that it has in `languages.registry`."""
    return _VOCABULARIES.get(language, SPLUNK)


__all__ = ["Vocabulary", "vocabulary_of"]
