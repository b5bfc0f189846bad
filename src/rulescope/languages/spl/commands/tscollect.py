"""tscollect: writes fields into index files for tstats."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "tscollect",
    "Writes the fields of the rows into index files that tstats reads.",
    "tscollect [namespace=<string>] [squashcase=<bool>] [keepresults=<bool>]",
    options={"namespace": "text", "squashcase": "boolean", "keepresults": "boolean"},
)
