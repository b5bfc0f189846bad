"""geostats: statistics for the tiles of a map."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "geostats",
    "Computes statistics for the tiles of a map.",
    (
        "geostats [translatetoxy=<bool>] [latfield=<field>] [longfield=<field>] [globallimit=<int>]"
        " [locallimit=<int>] [outputlatfield=<field>] [outputlongfield=<field>] [binspanlat=<num>"
        " binspanlong=<num>] [maxzoomlevel=<int>] <function>(<field>) [AS <field>]... [BY <field>]"
    ),
    options={
        "translatetoxy": "boolean",
        "latfield": "text",
        "longfield": "text",
        "globallimit": "integer",
        "locallimit": "integer",
        "outputlatfield": "text",
        "outputlongfield": "text",
        "binspanlat": "number",
        "binspanlong": "number",
        "maxzoomlevel": "integer",
    },
    aggregates="required",
    clauses=("by",),
)
