"""scrub: makes events anonymous."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "scrub",
    "Replaces names, addresses and other words, so that events can be given away.",
    (
        "scrub [public-terms=<filename>] [private-terms=<filename>] [name-terms=<filename>]"
        " [dictionary=<filename>] [timeconfig=<filename>] [namespace=<string>]"
    ),
    options={
        "public-terms": "text",
        "private-terms": "text",
        "name-terms": "text",
        "dictionary": "text",
        "timeconfig": "text",
        "namespace": "text",
    },
)
