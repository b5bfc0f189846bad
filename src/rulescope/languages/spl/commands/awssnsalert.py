"""awssnsalert: sends rows to Amazon SNS (Splunk Add-on for AWS)."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "awssnsalert",
    "Publishes the rows to a topic of the Amazon notification service.",
    "awssnsalert account=<string> region=<string> topic_name=<string> [publish_all=<bool>]",
    options={"account": "text", "region": "text", "topic_name": "text", "publish_all": "boolean"},
    required=("account", "region", "topic_name"),
)
