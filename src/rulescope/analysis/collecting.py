"""Collects what conditions look for: each with its sign, its branch, and the event's field that it comes down to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rulescope.analysis.findings import Branch, Finding, Outcome, ValueOrigin
from rulescope.analysis.origins import OriginReader
from rulescope.analysis.outcomes import AnyCount, AnyText, fits, is_true
from rulescope.ir import Compare, ComparisonKind, Directive, Expression, FieldReference, Value
from rulescope.text import Span

# Comparisons with these choose logs, not behaviour.
SCOPES = frozenset(
    {
        "index", "sourcetype", "source", "eventtype", "tag", "splunk_server", "splunk_server_group", "nodename",
        "event.category", "event.type", "event.kind", "event.dataset", "event.module", "data_stream.dataset",
        "host.os.type", "host.os.family", "event_platform", "agent.type", "_index",
    }
)  # fmt: skip


@dataclass(slots=True, kw_only=True)
class FindingCollector(OriginReader):
    """Adds what was found to `found`: as an indicator, a threshold, a choice of logs, or what raised a flag."""

    # How many values could stand where the leaf at hand stands.
    _choices: int = 1
    # The stage at hand and how many outermost ORs of it were read.
    _choice_count: tuple[int, int] = (0, 0)

    def _about(
        self,
        subject: Expression,
        kind: ComparisonKind,
        text: str,
        negative: bool,
        branch: Branch,
        span: Span,
        value: Value | None = None,
        ignore_case: bool = False,
    ) -> None:
        origin = self.origin(subject)
        ignore_case = ignore_case or origin.folded
        if isinstance(subject, FieldReference) or not origin.fields:
            self._add(self._name_of(subject), origin, kind, text, ignore_case, negative, branch, span, value)
            return
        for name in origin.fields:
            self._add(name, replace(origin, fields=(name,)), kind, text, ignore_case, negative, branch, span, value)

    def _add(
        self,
        name: str,
        origin: ValueOrigin,
        kind: ComparisonKind,
        text: str,
        ignore_case: bool,
        negative: bool,
        branch: Branch,
        span: Span,
        value: Value | None,
    ) -> None:
        if origin.outcomes:
            reached = self._reached(origin, kind, text if value is None else value)
            if negative:
                # That an extracted text is another one does not say that nothing was extracted.
                reached = [outcome for outcome in reached if not isinstance(outcome.value, AnyText)]
            if reached:
                self._emit(reached, negative, branch)
                if not origin.fields and not any(isinstance(outcome.value, AnyCount) for outcome in origin.outcomes):
                    return
        raw = origin.fields[0] if origin.fields else name
        if raw == "_time":
            return
        if raw in SCOPES or raw.startswith("tag::"):
            category: str = "scope"
        else:
            category = "indicator" if origin.fields else "threshold"
        self.found.append(
            Finding(
                category,  # type: ignore[arg-type]
                name, raw, kind, text, ignore_case or origin.folded, negative, self.stage, span, branch,
                alternatives=self._choices, tables=self.lineage.tables,
            )
        )  # fmt: skip

    def _raw_text(self, compare: Compare, text: str, negative: bool, branch: Branch, span: Span) -> None:
        """Text that is looked for anywhere in the event (a keyword of Sigma): a search term, and no field's value."""
        directive: Directive | None = None if compare.ignore_case else "CASE"
        self.found.append(
            Finding(
                "term", "", "", "contains", text.strip("*"), compare.ignore_case, negative, self.stage, span,
                branch, directive, True, self._choices,
            )
        )  # fmt: skip

    def _reached(self, origin: ValueOrigin, kind: ComparisonKind, wanted: Value) -> list[Outcome]:
        return [outcome for outcome in origin.outcomes if fits(outcome.value, kind, wanted)]

    def _truth(self, origin: ValueOrigin, negative: bool, branch: Branch) -> None:
        self._emit([one for one in origin.outcomes if is_true(one.value)], negative, branch)

    def _presence(self, origin: ValueOrigin, negative: bool, branch: Branch) -> None:
        extracted = any(isinstance(one.value, AnyText) for one in origin.outcomes)
        if origin.outcomes and (extracted or not origin.fields):
            self._emit([one for one in origin.outcomes if one.value is not None], negative, branch)

    def _marked(self, start: int, mark: tuple[int, int, int]) -> None:
        """Notes of what was found since `start` which part of a combination it is, where it is of none within it."""
        self.found[start:] = [
            finding if finding.together else replace(finding, together=mark) for finding in self.found[start:]
        ]

    def _next_choice(self) -> int:
        """The number of the next outermost OR of the stage."""
        stage, number = self._choice_count
        number = number + 1 if stage == self.stage else 1
        self._choice_count = (self.stage, number)
        return number

    def _emit(self, outcomes: list[Outcome], negative: bool, branch: Branch) -> None:
        several = len(outcomes)
        ordinal = self._next_choice() if several > 1 and branch is None else 0
        for arm, outcome in enumerate(outcomes, 1):
            own = (arm, several, ordinal) if several > 1 and not negative else None
            for finding in self.denied(outcome.findings) if negative else outcome.findings:
                self.found.append(replace(finding, branch=branch or own or finding.branch))
