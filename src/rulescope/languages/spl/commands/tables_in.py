"""What `inputlookup` and `inputcsv` have in common."""

from __future__ import annotations

from rulescope.languages.spl.arguments import boolean_option, integer_option

TABLE_OPTIONS = {
    "append": boolean_option,
    "start": integer_option,
    "max": integer_option,
    "strict": boolean_option,
    "events": boolean_option,
    "dispatch": boolean_option,
}
