"""dump: writes events to files (internal)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "dump",
    "Writes the events to local files.",
    (
        "dump basename=<string> [rollsize=<num>] [compress=<num>] [format=(raw | csv | tsv | json |"
        " xml)] [fields=<string>]"
    ),
    options={
        "basename": "text",
        "rollsize": "integer",
        "maxlocal": "integer",
        "compress": "integer",
        "format": ("raw", "csv", "tsv", "json", "xml"),
        "fields": "text",
    },
    required=("basename",),
)
