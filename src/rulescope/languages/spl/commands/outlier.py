"""outlier: finds numbers that are far off."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "outlier",
    "Removes numbers that are far from the others, or cuts them back.",
    (
        "outlier [type=<string>] [action=(remove | transform)] [param=<num>] [uselower=<bool>]"
        " [mark=<bool>] [<field>...]"
    ),
    options={
        "type": "text",
        "action": ("remove", "rm", "transform", "tf"),
        "param": "number",
        "uselower": "boolean",
        "mark": "boolean",
    },
    positional="fields",
)
