"""createrss: writes rows to an RSS feed."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "createrss",
    "Writes the rows into an RSS feed.",
    "createrss path=<string> name=<string> link=<string> descr=<string> count=<int> [graph=<bool>]",
    options={"path": "text", "name": "text", "link": "text", "descr": "text", "count": "integer", "graph": "boolean"},
    required=("path", "name", "link", "descr"),
)
