"""xswhere: keeps rows by words such as high (Extreme Search)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "xswhere",
    'Keeps the rows whose value a word of a context fits, such as "above medium".',
    "xsWhere <field> FROM <context> [BY <field>...] IS <concept>",
    positional="any",
    clauses=("from", "in", "by", "is", "using", "scoped"),
    minimum=0,
)
