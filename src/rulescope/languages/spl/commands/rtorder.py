"""rtorder: puts events of a real-time search in order."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "rtorder",
    "Holds events of a real-time search back for a while to give them in order of time.",
    "rtorder [discard=<bool>] [buffer_span=<span>] [max_buffer_size=<int>]",
    options={"discard": "boolean", "buffer_span": "interval", "max_buffer_size": "integer"},
)
