"""ingestpreview: tries settings for indexing."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "ingestpreview",
    "Shows what settings of props.conf and transforms.conf would make of the rows.",
    (
        "ingestpreview [ingest_processor=(regexreplacement | metrics | metricschema)]"
        " [generate_helper_fields=<bool>] [meta_mode=(unhide | expand | all | none)]"
        " [show_inputs=<bool>] [props:<key>=<value>]... [transforms:<key>=<value>]..."
    ),
    options={
        "ingest_processor": ("regexreplacement", "metrics", "metricschema"),
        "generate_helper_fields": "boolean",
        "meta_mode": ("unhide", "expand", "all", "none"),
        "show_inputs": "boolean",
    },
    open_options=True,
)
