"""folderize: names folders of sources."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "folderize",
    "Groups rows under the common beginnings of their names.",
    "folderize attr=<string> [sep=<string>] [size=<string>] [minfolders=<int>] [maxfolders=<int>]",
    options={"attr": "text", "sep": "text", "size": "text", "minfolders": "integer", "maxfolders": "integer"},
    required=("attr",),
)
