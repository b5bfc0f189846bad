"""One rule as text for a terminal: what it is, its pipeline, and what it looks for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from rulescope.api.models import JOB_LANGUAGE
from rulescope.cli.terminal import one_line, output, plain, printable

if TYPE_CHECKING:
    from rulescope.analysis.facts import Indicator
    from rulescope.api.models import IndicatorRow, RulePage
    from rulescope.catalog.fired_record import FiredRecord
    from rulescope.catalog.records import DiagnosticRecord, PredicateNode, StageRecord

_PARSE_STYLES = {"full": "green", "partial": "yellow", "failed": "red"}
_PARSE_WORDS = {"full": "understood wholly", "partial": "understood in part", "failed": "not understood"}
_JOB_WORDS = "names a machine-learning job: what it looks for is the job's model, which no rule file holds"
_SEVERITY_STYLES = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}
_EFFECT_STYLES = {
    "filter": "green", "group": "magenta", "shape": "cyan", "order": "blue", "combine": "yellow", "generate": "green",
    "write": "red", "unknown": "dim",
}  # fmt: skip
_SIGNS = {
    "eq": "=", "gt": ">", "ge": "≥", "lt": "<", "le": "≤", "contains": "contains", "starts_with": "starts with",
    "ends_with": "ends with", "wildcard": "is like", "match": "matches", "has": "has the term", "in": "is one of",
    "cidr": "is in range", "exists": "exists", "missing": "is missing",
}  # fmt: skip


def print_rule(page: RulePage, console: Console | None = None) -> None:
    """Prints everything but the rule's text: head, pipeline with predicate trees, rows, kin, diagnostics."""
    target = console or output()
    target.print(_head(page))
    if page.diagnostics:
        target.print(_title("Diagnostics"))
        for found in page.diagnostics:
            # Carets stand under what they mean only where lines are not broken.
            target.print(_diagnostic(found), soft_wrap=True)
            target.print()
    if page.stages:
        target.print(_title("Pipeline"))
        for stage in page.stages:
            target.print(Padding(_stage(stage), (0, 0, 1, 2), expand=False))
    _print_rows(target, page)


def _print_rows(target: Console, page: RulePage) -> None:
    branched = any(row.fact.branch or row.fact.together for row in (*page.indicators, *page.exclusions))
    for heading, rows in (
        ("Indicators", page.indicators),
        ("Exclusions", page.exclusions),
        ("Thresholds", page.thresholds),
    ):
        if rows:
            target.print(_title(heading))
            target.print(
                Padding(
                    _values(rows, with_corpus=heading == "Indicators", with_branch=branched), (0, 0, 1, 2), expand=False
                )
            )
    if page.search_terms:
        target.print(_title("Search terms"))
        terms = [
            (str(term.stage), term.directive or "", ("not " if term.excluded else "") + term.text, _arm(term.branch))
            for term in (row.fact for row in page.search_terms)
        ]
        target.print(Padding(_table(("Stage", "As", "Text", "Branch"), terms), (0, 0, 1, 2), expand=False))
    for title, alike in (("Events", False), ("The same in other logs", True)):
        events = [
            (
                event.provider,
                event.event_id or "",
                event.title or "",
                f"{'derived: ' if event.derived and not alike else ''}{', '.join(event.evidence)}",
            )
            for event in (row.fact for row in page.events)
            if event.alike == alike
        ]
        if events:
            target.print(_title(title))
            target.print(Padding(_table(("Provider", "Event", "Title", "Said by"), events), (0, 0, 1, 2), expand=False))
    if page.attack:
        target.print(_title("ATT&CK"))
        attack = [
            (
                f"{row.tactic or ''}{' (derived)' if row.derived_tactic else ''}",
                row.technique_id or "",
                f"{row.technique or ''}{f' ({row.status})' if row.status else ''}",
            )
            for row in page.attack
        ]
        target.print(Padding(_table(("Tactic", "Technique", "Name"), attack), (0, 0, 1, 2), expand=False))
    if page.fired is not None:
        _line(target, "On logs", [_fired(page.fired)])
    unknown = [macro.name for macro in page.macros if not macro.known]
    _line(target, "Macros without a body", unknown)
    _line(target, "Macros", [macro.name for macro in page.macros if macro.known])
    _line(target, "Lookups", page.lookups)
    _line(target, "Data models", page.data_models)
    _line(target, "Variants", [f"{row.rule.title}  ({row.rule.slug}); {row.why}" for row in page.variants])
    _line(target, "Duplicates", [f"{link.title}  ({link.slug})" for link in page.duplicates])
    _line(target, "Neighbours", [f"{row.relation}: {row.rule.title}; {row.why}" for row in page.neighbours])
    _line(target, "References", page.info.references)


def _fired(fired: FiredRecord) -> str:
    """How often the rule fired when the catalogue's rules were last run."""
    where = f"{', '.join(fired.logs)} ({fired.total_events:,} events), {fired.at}"
    if fired.status != "run":
        return f"{fired.status} on {where}: {fired.message}"
    if not fired.rows:
        return f"did not fire on {where}"
    rows = f"{fired.rows:,} row{'' if fired.rows == 1 else 's'}"
    events = f"{fired.events:,} event{'' if fired.events == 1 else 's'}"
    return f"fired on {where}: {rows} from {events}"


def _head(page: RulePage) -> RenderableType:
    parts: list[RenderableType] = []
    if page.info.title:
        parts.append(Text(one_line(page.info.title), style="bold"))
    facts = [
        page.info.path if page.slug else "",
        page.info.identifier or "",
        page.info.language,
        page.info.severity or "",
        page.info.status or "",
    ]
    line = Text.assemble(
        *((f"{one_line(fact)}  ", "dim") for fact in facts if fact),
        (_JOB_WORDS, "yellow")
        if page.info.language == JOB_LANGUAGE
        else (_PARSE_WORDS[page.parse], _PARSE_STYLES[page.parse]),
    )
    parts.append(line)
    if page.info.description:
        parts.append(Padding(plain(page.info.description.strip()), (1, 0, 0, 0), expand=False))
    parts.append(Text())
    return Group(*parts)


def _title(text: str) -> Text:
    return Text(text, style="bold underline")


def _diagnostic(found: DiagnosticRecord) -> Text:
    head, _, rest = found.drawing.partition("\n")
    text = Text.assemble((f"  {one_line(head)}", _SEVERITY_STYLES[found.severity]))
    for line in rest.split("\n") if rest else ():
        text.append(f"\n  {printable(line)}")
    return text


def _stage(stage: StageRecord) -> RenderableType:
    head = Text.assemble(
        (f"{stage.number} ", "dim"), (one_line(stage.kind), f"bold {_EFFECT_STYLES.get(stage.effect, '')}")
    )
    if stage.explanation:
        head.append(f"  {one_line(stage.explanation)}")
    parts: list[RenderableType] = [head]
    if stage.predicate is not None:
        parts.append(Padding(_tree(stage.predicate), (0, 0, 0, 2), expand=False))
    elif stage.text:
        parts.append(Padding(Text(one_line(stage.text), style="dim"), (0, 0, 0, 2), expand=False))
    for inner in stage.pipelines:
        texts = " | ".join(one_line(one.text) for one in inner)
        parts.append(Padding(Text(f"[ {texts} ]", style="dim"), (0, 0, 0, 2), expand=False))
    return Group(*parts)


def _tree(node: PredicateNode) -> Tree:
    tree = Tree(_node(node), guide_style="dim")
    _grow(tree, node)
    return tree


def _grow(tree: Tree, node: PredicateNode) -> None:
    for child in node.children:
        _grow(tree.add(_node(child)), child)


def _node(node: PredicateNode) -> Text:
    match node.kind:
        case "and" | "or" | "not":
            return Text(node.kind.upper(), style="bold")
        case "compare" | "time":
            operator = node.operator or ""
            return Text.assemble(
                (one_line(node.field or ""), "cyan"),
                (f" {_SIGNS.get(operator, operator)} ", "dim"),
                (", ".join(one_line(value) for value in node.values), "yellow"),
            )
        case "term":
            words = one_line(node.values[0] if node.values else node.text)
            return Text.assemble(
                ("the event holds ", "dim"), (f"{node.operator}({words})" if node.operator else f'"{words}"', "yellow")
            )
        case "macro":
            arguments = f"({', '.join(map(one_line, node.values))})" if node.values else ""
            return Text(f"`{one_line(node.field or '')}{arguments}`", style="magenta")
        case _:
            return Text(one_line(node.text))


def _values(rows: Sequence[IndicatorRow], *, with_corpus: bool, with_branch: bool) -> Table:
    headings = ["Stage", "Field", "Kind", "Value"]
    if with_branch:
        headings.append("Branch")
    if with_corpus and any(row.corpus.total for row in rows):
        headings.append("Other rules")
    if any(row.compared is not None for row in rows):
        headings.append("Counted as")
    return _table(
        headings,
        [
            [
                str(row.fact.stage),
                row.fact.field,
                f"{row.fact.kind} Aa" if row.fact.regards_case else row.fact.kind,
                f"not {row.fact.value}" if row.fact.unless else row.fact.value,
                *([_places(row.fact)] if "Branch" in headings else []),
                *([f"{row.corpus.total:,}" if row.corpus.total else ""] if "Other rules" in headings else []),
                *([_compared(row)] if "Counted as" in headings else []),
            ]
            for row in rows
        ],
    )


def _compared(row: IndicatorRow) -> str:
    return f"{row.compared.field} {row.compared.kind} {row.compared.value}" if row.compared is not None else ""


def _places(fact: Indicator) -> str:
    """The arm of an OR that a value stands in, and the combination that it is a part of."""
    part = f"part {fact.together[0]} of {fact.together[1]} together" if fact.together else ""
    return ", ".join(filter(None, (_arm(fact.branch), part)))


def _arm(branch: tuple[int, int] | None) -> str:
    return f"{branch[0]} of {branch[1]}" if branch else ""


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    cells = [list(row) for row in rows]
    used = [number for number in range(len(headings)) if any(row[number] for row in cells)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number in used:
        table.add_column(headings[number], overflow="fold")
    for row in cells:
        table.add_row(*(Text(one_line(row[number])) for number in used))
    return table


def _line(target: Console, heading: str, texts: Sequence[str]) -> None:
    if texts:
        target.print(_title(heading))
        for text in texts:
            target.print(Padding(Text(one_line(text)), (0, 0, 0, 2), expand=False))
        target.print()
