"""sendemail: sends the rows by mail."""

from rulescope.languages.spl.commands.syntax import signature

COMMAND = signature(
    "sendemail",
    "Sends the rows by mail.",
    (
        "sendemail to=<addresses> [from=<address>] [cc=<addresses>] [bcc=<addresses>]"
        " [subject=<string>] [message=<string>] [footer=<string>] [format=(csv | table | raw)]"
        " [inline=<bool>] [sendresults=<bool>] [sendpdf=<bool>] [sendpng=<bool>] [sendcsv=<bool>]"
        " [priority=(highest | high | normal | low | lowest)] [server=<host>] [graceful=<bool>]"
        " [content_type=(html | plain)] [width_sort_columns=<bool>] [use_ssl=<bool>] [use_tls=<bool>]"
        " [maxinputs=<int>]"
    ),
    options={
        "to": "text",
        "from": "text",
        "cc": "text",
        "bcc": "text",
        "subject": "text",
        "message": "text",
        "footer": "text",
        "format": ("csv", "table", "raw", "pdf", "plain", "html"),
        "inline": "boolean",
        "sendresults": "boolean",
        "sendpdf": "boolean",
        "sendpng": "boolean",
        "sendcsv": "boolean",
        "priority": ("highest", "high", "normal", "low", "lowest", "1", "2", "3", "4", "5"),
        "server": "text",
        "graceful": "boolean",
        "content_type": ("html", "plain"),
        "width_sort_columns": "boolean",
        "use_ssl": "boolean",
        "use_tls": "boolean",
        "maxinputs": "integer",
        "maxtime": "text",
        "papersize": "text",
        "paperorientation": ("portrait", "landscape"),
        "pdfview": "text",
        "preprocess_results": "text",
        "allow_empty_attachment": "boolean",
    },
    required=("to",),
)
