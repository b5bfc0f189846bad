"""arules: association rules between fields."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "arules",
    'Finds rules of the kind "where this value is, that one is too".',
    "arules [sup=<int>] [conf=<num>] <field> <field>...",
    options={"sup": "integer", "conf": "number"},
    positional="fields",
    minimum=2,
)
