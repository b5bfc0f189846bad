"""What each diagnostic of the Sigma front end means; the reference page's table is made from this."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "SIG001": "The YAML is broken, or beyond its bounds.",
    "SIG002": "The text holds no rule: neither `detection` nor `correlation`.",
    "SIG003": "A part of the rule has another shape than the specification gives it.",
    "SIG004": "A key stands twice in one mapping; the last one counts. An error in what decides what is found.",
    "SIG005": "The rule names no log source.",
    "SIG006": "A key of the log source that says nothing of it, and is probably misspelt.",
    "SIG010": "`condition` is missing.",
    "SIG011": "The condition can't be read.",
    "SIG012": "The condition names a search identifier that the rule does not have, or a pattern that fits none.",
    "SIG013": "A search identifier is not used by the condition.",
    "SIG014": "An aggregation (`| count() by …`, `near`), which Sigma 2 has no more; the stage is not read.",
    "SIG015": "A `timeframe` without an aggregation.",
    "SIG020": "A modifier that Sigma does not have.",
    "SIG021": "Modifiers that don't go together, or a value that the modifier can't take.",
    "SIG022": "A value that can't stand where it stands (a list in a list, `null` among others, none at all).",
    "SIG023": "`all` on a single value.",
    "SIG025": "A backslash before `*` or `?` in what looks like a path: it makes the wildcard a plain character.",
    "SIG026": "A text without a character, of which every value is true.",
    "SIG030": "The correlation can't be read.",
    "SIG031": "A rule that the correlation names is in none of the files.",
    "SIG032": "The filter is for other rules, for another log source, or for a correlation.",
    "SIG033": "The condition of a filter says `not` of all that it names: it tells what is kept.",
    "SIG034": "A correlation that leads back to itself.",
}
"""What each code means."""
