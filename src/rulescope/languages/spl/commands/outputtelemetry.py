"""outputtelemetry: sends usage data to Splunk."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "outputtelemetry",
    "Sends rows as usage data to Splunk.",
    (
        "outputtelemetry [input=<field>] [type=(event | aggregate)] [component=<string>]"
        " [optinrequired=<int>] [anonymous=<bool>] [support=<bool>] [license=<bool>]"
    ),
    options={
        "input": "text",
        "type": ("event", "aggregate"),
        "component": "text",
        "optinrequired": "integer",
        "anonymous": "boolean",
        "support": "boolean",
        "license": "boolean",
    },
)
