"""findkeywords: the search that tells each group apart (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "findkeywords",
    "Finds for each group of labelled events a search that tells it from the others.",
    "findkeywords labelfield=<field>",
    options={"labelfield": "text", "dedup": "boolean"},
    required=("labelfield",),
)
