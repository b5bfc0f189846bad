"""anomalousvalue: a score of how rare the values of each field are."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "anomalousvalue",
    "Finds values that are rare, or far from the others, and marks, keeps or sums up their events.",
    (
        "anomalousvalue [minsupcount=<int>] [maxanofreq=<num>] [minsupfreq=<num>] [minnormfreq=<num>]"
        " [pthresh=<num>] [action=(annotate | filter | summary)] [<field>...]"
    ),
    options={
        "minsupcount": "integer",
        "maxanofreq": "number",
        "minsupfreq": "number",
        "minnormfreq": "number",
        "pthresh": "number",
        "action": ("annotate", "filter", "summary"),
    },
    positional="fields",
)
