"""geomfilter: cuts outlines to a box."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "geomfilter",
    "Keeps the regions that overlap a box, and cuts the others away.",
    "geomfilter [min_x=<num>] [min_y=<num>] [max_x=<num>] [max_y=<num>]",
    options={"min_x": "number", "min_y": "number", "max_x": "number", "max_y": "number"},
)
