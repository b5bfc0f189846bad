"""datamodelsimple: names of data models and of what is in them (CIM add-on)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "datamodelsimple",
    "Lists data models, their data sets, or the fields of one.",
    ("datamodelsimple type=(models | objects | attributes) [datamodel=<string>] [object=<string>] [nodename=<string>]"),
    options={"type": ("models", "objects", "attributes"), "datamodel": "text", "object": "text", "nodename": "text"},
    required=("type",),
)
