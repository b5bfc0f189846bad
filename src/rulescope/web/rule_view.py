"""What the rule page's template needs beside the model: texts made into HTML, and rows put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from rulescope.analysis.facts import AttackCoverage
from rulescope.api.models import RulePage
from rulescope.catalog.records import DiagnosticRecord, StageRecord
from rulescope.web.file_text import file_text
from rulescope.web.predicate_tree import predicate_tree
from rulescope.web.query_text import query_text
from rulescope.web.text import web_address

MOST_FIELDS_ON_CARD = 5
"""Fields that a stage's card names; the stage's section names them all."""


LONGEST_ON_CARD = 80
"""Characters of a macro call on a card."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference: `address` where it is safe to link to."""

    text: str
    address: str | None


@dataclass(frozen=True, slots=True)
class CardLine:
    """A line on a stage's card: a sign (`+`, `=`), what it says in words, and fields (or the macro that is called)."""

    sign: str
    meaning: str
    fields: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class StageView:
    """A stage with its tree, the lines on its card, and the diagnostics that are about it.

    `effect` is what it does to rows, as the page words it; `colour` names the colour that stands for it.
    """

    stage: StageRecord
    effect: str
    colour: str
    tree: Markup | None
    lines: tuple[CardLine, ...]
    diagnostics: tuple[DiagnosticRecord, ...]


@dataclass(frozen=True, slots=True)
class TacticGroup:
    """A tactic with the rule's techniques under it; `derived` where the author did not name the tactic."""

    tactic: str | None
    derived: bool
    rows: tuple[AttackCoverage, ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """All that the template adds to the model; `file_lines` is how many lines of the file are shown, `combinations` how
    many denied combinations of conditions the rule has."""

    query: Markup
    places: dict[str, str]
    file: Markup
    file_lines: int
    combinations: int
    stages: tuple[StageView, ...]
    attack: tuple[TacticGroup, ...]
    references: tuple[Reference, ...]
    metadata: tuple[tuple[str, str], ...]
    other_diagnostics: tuple[DiagnosticRecord, ...]


def rule_view(page: RulePage) -> RuleView:
    """The view of a page."""
    query = query_text(page)
    stages = tuple(_stage(stage, page) for stage in page.stages)
    numbers = {stage.number for stage in page.stages}
    file = file_text(page.body)
    values = (*page.indicators, *page.exclusions, *page.thresholds)
    return RuleView(
        query=query.html,
        places=query.places,
        file=file,
        file_lines=file.count('<span class="line" '),
        combinations=len({row.fact.together[2] for row in values if row.fact.together is not None}),
        stages=stages,
        attack=_by_tactic(page.attack),
        references=tuple(Reference(text, web_address(text)) for text in page.info.references),
        metadata=_metadata(page),
        other_diagnostics=tuple(found for found in page.diagnostics if found.stage not in numbers),
    )


def _stage(stage: StageRecord, page: RulePage) -> StageView:
    tree = None if stage.predicate is None else predicate_tree(stage.predicate, page.body.query)
    found = tuple(one for one in page.diagnostics if one.stage == stage.number)
    is_macro = stage.kind == "macro" and stage.effect == "unknown"
    effect, colour = ("as its body does", "macro") if is_macro else (stage.effect, stage.effect)
    return StageView(stage, effect, colour, tree, _card_lines(stage), found)


def _card_lines(stage: StageRecord) -> tuple[CardLine, ...]:
    lines: list[CardLine] = []
    if stage.kind == "macro":
        lines.append(CardLine("", "", (stage.text[:LONGEST_ON_CARD],), 0))
    if stage.keeps is not None:
        lines.append(_line("=", "leaves only", stage.keeps))
    elif stage.writes:
        lines.append(_line("+", "sets", stage.writes))
    for inner in stage.pipelines:
        lines.append(CardLine("⊂", f"a subsearch of {len(inner)} {'stage' if len(inner) == 1 else 'stages'}", (), 0))
    return tuple(lines)


def _line(sign: str, meaning: str, fields: tuple[str, ...]) -> CardLine:
    more = len(fields) - MOST_FIELDS_ON_CARD
    return CardLine(sign, meaning, fields[:MOST_FIELDS_ON_CARD], max(0, more))


def _by_tactic(rows: Iterable[AttackCoverage]) -> tuple[TacticGroup, ...]:
    groups: dict[tuple[str | None, bool], list[AttackCoverage]] = {}
    for row in rows:
        groups.setdefault((row.tactic, row.derived_tactic), []).append(row)
    return tuple(TacticGroup(tactic, derived, tuple(group)) for (tactic, derived), group in groups.items())


def _metadata(page: RulePage) -> tuple[tuple[str, str], ...]:
    rows = (
        ("Identifier", page.info.identifier),
        ("Author", page.info.author),
        ("Created", page.info.created),
        ("Modified", page.info.modified),
        ("Severity", page.info.severity),
        ("Risk score", None if page.info.risk_score is None else str(page.info.risk_score)),
        ("Status", page.info.status),
        ("Type", page.info.kind),
        (
            "Log source",
            ", ".join(value if name == "name" else f"{name} {value}" for name, value in page.info.log_source.parts),
        ),
        ("Data categories", ", ".join(page.info.data_categories)),
        ("Tags", ", ".join(page.info.tags)),
    )
    return tuple((name, value) for name, value in rows if value)
