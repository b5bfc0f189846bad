"""anomalies: a score of how unexpected each event is."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "anomalies",
    "Adds a score of how unexpected each event is, seen beside those before it.",
    (
        "anomalies [threshold=<num>] [labelonly=<bool>] [normalize=<bool>] [maxvalues=<num>]"
        " [field=<field>] [denylist=<filename>] [denylistthreshold=<num>] [by <field>...]"
    ),
    options={
        "threshold": "number",
        "labelonly": "boolean",
        "normalize": "boolean",
        "maxvalues": "integer",
        "field": "text",
        "denylist": "text",
        "denylistthreshold": "number",
        "blacklist": "text",
        "blacklistthreshold": "number",
    },
    clauses=("by",),
)
