"""bucketdir: rolls paths up to folders."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "bucketdir",
    "Rolls file paths up to folders until few enough rows are left.",
    ("bucketdir pathfield=<field> sizefield=<field> [maxcount=<int>] [countfield=<field>] [sep=<char>]"),
    options={"pathfield": "text", "sizefield": "text", "maxcount": "integer", "countfield": "text", "sep": "text"},
    required=("pathfield", "sizefield"),
)
