"""loadjob: the result of a job that has run."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "loadjob",
    "Gives the events or the result of a job that has run.",
    (
        "loadjob (<sid> | savedsearch=<user>:<app>:<name>) [events=<bool>] [job_delegate=<string>]"
        " [artifact_offset=<int>] [ignore_running=<bool>]"
    ),
    options={
        "savedsearch": "text",
        "events": "boolean",
        "job_delegate": "text",
        "delegate": "text",
        "artifact_offset": "integer",
        "ignore_running": "boolean",
        "require_finished": "boolean",
    },
    positional="words",
    maximum=1,
)
