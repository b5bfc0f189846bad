"""kmeans: groups rows by their numbers."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "kmeans",
    "Groups the rows into k clusters by their numeric fields.",
    (
        "kmeans [reps=<int>] [maxiters=<int>] [t=<num>] [k=(<int> | <int>-<int>)] [cnumfield=<field>]"
        " [distype=(l1 | l2 | cos)] [showcentroid=<bool>] [<field>...]"
    ),
    options={
        "reps": "integer",
        "maxiters": "integer",
        "t": "number",
        "k": "text",
        "cnumfield": "text",
        "distype": ("l1", "l1norm", "cb", "cityblock", "l2", "l2norm", "sq", "sqeuclidean", "cos", "cosine"),
        "showcentroid": "boolean",
    },
    positional="fields",
)
