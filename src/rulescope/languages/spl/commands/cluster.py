"""cluster: groups events whose text is alike."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "cluster",
    "Groups events whose text is alike.",
    (
        "cluster [t=<num>] [delims=<string>] [showcount=<bool>] [countfield=<field>]"
        " [labelfield=<field>] [field=<field>] [labelonly=<bool>] [match=(termlist | termset |"
        " ngramset)]"
    ),
    options={
        "t": "number",
        "delims": "text",
        "showcount": "boolean",
        "countfield": "text",
        "labelfield": "text",
        "field": "text",
        "labelonly": "boolean",
        "match": ("termlist", "termset", "ngramset"),
    },
)
