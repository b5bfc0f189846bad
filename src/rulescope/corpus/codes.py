"""The codes of diagnostics about rule files, one line a code; the documentation's table is made from this."""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "RUL001": "the file is not valid UTF-8, or what its byte order mark says; bytes that can't be read stand as U+FFFD",
    "RUL002": "the file is larger than a rule file may be, and was not read",
    "RUL003": "the YAML, JSON or gzip is broken; says the line and column",
    "RUL004": "the rule has no query",
    "RUL005": "a symbolic link leads out of the tree, or nowhere, and was not followed",
    "RUL006": "two rules have the same identifier; both are kept",
    "RUL007": "the YAML nests too deep, has too many nodes, or uses anchors to grow; it was not read",
    "RUL008": "a key stands twice in one mapping or stanza; the last one counts",
    "RUL009": "a rule in a language, or a layout, that Rulescope does not read yet; it is counted",
    "RUL010": "the file or folder could not be opened",
    "RUL011": "a line of a .conf file is neither a stanza, a setting nor a comment, or where it ends is not certain",
    "RUL012": "a field has another shape than it should have, and was left out",
    "RUL013": "a symbolic link leads to another place in the same tree; the file is read there",
    "RUL014": "a YAML tag asks for a type of its own; it was ignored, the value is text",
    "RUL015": "techniques and their identifiers don't pair up; each stands on its own",
    "RUL016": "not a regular file (a device, pipe or socket); it was not opened",
    "RUL017": "a block of code that is a part of a query, to add to another, and no rule of its own",
    "RUL018": "a Markdown file with more queries than are read of one file; says where the reading ends",
    "RUL019": "the file looks like a rule, but has the shape of no rule that is read",
    "RUL020": "a file that was named to be run holds no rule",
    "RUL021": "a Sigma rule that is too long together with the documents of its file that it needs; some are not read",
    "RUL022": "a part of an Elastic rule that decides what it finds is missing, or has another shape than it should",
    "RUL023": "a document of a Sigma file that is no map; it may have been meant as a rule, a filter or a template",
    "RUL024": "a Sigma filter that names a rule which is in none of the files, or does not say for which rules it is",
    "RUL025": "the file begins with the byte order mark of UTF-16 or UTF-32, and was read in that encoding",
    "RUL026": "a hidden folder was not looked into; it can be named itself",
    "RUL027": "a query of a Markdown file that a stray fence of code may cut short",
    "RUL028": "the severity of a rule is none that is known, so that no choice by severity takes it",
    "RUL029": "a tag that looks like a technique of ATT&CK, and is none as it is written",
    "RUL030": "the alert asks for more than that there are results, which is not applied",
    "RUL031": "the time range that a rule's runs look at: not applied, or of a saved search applied as of --now",
}
"""What each code means."""
