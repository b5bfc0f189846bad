"""pivot: a pivot table over a data model."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "pivot",
    "Makes a pivot table over the data set of a data model.",
    (
        "pivot <datamodel> <dataset> <function>(<field>) [AS <field>]... [SPLITROW <field> [AS"
        " <field>] [RANGE ...] [PERIOD ...]]... [SPLITCOL <field> ...]... [FILTER <field> <comparison>"
        " <value>]... [LIMIT <field> BY (TOP | BOTTOM) <n> <function>(<field>)]... [ROWSUMMARY <bool>]"
        " [COLSUMMARY <bool>] [SHOWOTHER <bool>] [NUMCOLS <n>]"
    ),
    positional="any",
    minimum=2,
    aggregates="calls",
    clauses=(
        "splitrow",
        "splitcol",
        "filter",
        "limit",
        "rowsummary",
        "colsummary",
        "showother",
        "numcols",
        "range",
        "period",
        "truelabel",
        "falselabel",
        "sort",
        "as",
    ),
)
