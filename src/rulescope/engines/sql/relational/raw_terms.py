"""Text that is looked for in any column: in the raw event, which stands for them.

Source: Kusto's reference, "search operator", Search predicate syntax.
"""

from __future__ import annotations

import re

from rulescope import ir

_EDGE = "[^\\p{L}\\p{N}]"


def raw_leaf(term: ir.Term) -> ir.Compare:
    """The text as a comparison with the raw event: a whole term, or, by where `*` stands in it, the beginning or the
    end of one, a part of the text, a pattern."""
    opened, closed = term.text.startswith("*"), term.text.endswith("*")
    text = term.text.strip("*")
    kind: ir.ComparisonKind = "match"
    if "*" in text:
        text = rf"\b{'.*'.join(map(re.escape, text.split('*')))}\b"
    elif opened is closed:
        kind = "contains" if opened else "has"
    elif closed:
        text = (f"(?:^|{_EDGE})" if text[0].isalnum() else "") + re.escape(text)
    else:
        text = re.escape(text) + (f"(?:$|{_EDGE})" if text[-1].isalnum() else "")
    return ir.Compare("_raw", kind, (text,), term.directive != "CASE", span=term.span)
