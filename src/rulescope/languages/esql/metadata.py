"""The fields of documents that are not their own, which `FROM … METADATA` asks for.

Source: ES|QL reference, "Metadata fields"; patterns of names (`_index*`), and a project's tags, are of later versions
("Use ES|QL across serverless projects").
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from rulescope.ir import FieldReference
from rulescope.languages.common.tokens import TokenReader
from rulescope.text import nearest_name

_FIELDS = ("_id", "_ignored", "_index", "_index_mode", "_score", "_size", "_source", "_version")
_TAGS = "_project."


def tell_unknown(fields: Iterable[FieldReference], reader: TokenReader) -> None:
    """An error for each of the fields behind `METADATA` that Elasticsearch does not know, as it has it."""
    for field in fields:
        if field.name.startswith(_TAGS) or any(fnmatchcase(one, field.name) for one in _FIELDS):
            continue
        near = nearest_name(field.name, _FIELDS)
        hint = f"did you mean '{near}'?" if near else f"there are: {', '.join(_FIELDS)}"
        reader.note("ESQ018", f"'{field.name[:60]}' is no metadata field", field.span, "error", hint)
