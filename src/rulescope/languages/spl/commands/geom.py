"""geom: adds the outlines of regions."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "geom",
    "Adds the outline of the region that a field names, for maps.",
    (
        "geom [<feature-collection>] [allFeatures=<bool>] [featureIdField=<field>] [gen=<num>]"
        " [min_x=<num>] [min_y=<num>] [max_x=<num>] [max_y=<num>]"
    ),
    options={
        "allFeatures": "boolean",
        "featureIdField": "text",
        "gen": "number",
        "min_x": "number",
        "min_y": "number",
        "max_x": "number",
        "max_y": "number",
    },
    positional="words",
    maximum=1,
)
