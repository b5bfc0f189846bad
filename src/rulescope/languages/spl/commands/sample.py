"""sample: a random part of the rows (Machine Learning Toolkit)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sample",
    "Keeps a random part of the rows, or deals them out into partitions.",
    (
        "sample [<ratio> | ratio=<num> | count=<int> | proportional=<field> [inverse]]"
        " [partitions=<int> [fieldname=<field>]] [seed=<num>] [by <field>]"
    ),
    options={
        "ratio": "number",
        "count": "integer",
        "proportional": "text",
        "partitions": "integer",
        "fieldname": "text",
        "seed": "integer",
    },
    positional="words",
    maximum=1,
    clauses=("inverse", "by"),
)
