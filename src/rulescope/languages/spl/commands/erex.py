"""erex: learns a regular expression from examples."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "erex",
    "Works out a regular expression from example values and extracts the field with it.",
    ("erex [<field>] examples=<string> [counterexamples=<string>] [fromfield=<field>] [maxtrainers=<int>]"),
    options={"examples": "text", "counterexamples": "text", "fromfield": "text", "maxtrainers": "integer"},
    required=("examples",),
    positional="fields",
    maximum=1,
)
