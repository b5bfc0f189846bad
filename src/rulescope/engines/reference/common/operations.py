"""The operations of the tree (`ir.operations`) that languages come to."""

from __future__ import annotations

from xml.etree import ElementTree

from rulescope.engines.reference.interpreter import RowCall
from rulescope.engines.reference.meaning import COMMON
from rulescope.engines.reference.values import text, texts_of, values_of


def _part(call: RowCall) -> bool | None:
    """Whether a value of the first begins with, ends in or holds a value of the second, with case."""
    tests = {"has_start": str.startswith, "has_end": str.endswith, "has_part": str.__contains__}
    test = tests[getattr(call.node, "name", "")]
    wholes, parts = texts_of(call.value(0)), texts_of(call.value(1))
    return any(test(whole, part) for whole in wholes for part in parts) if wholes and parts else None


for _name in ("has_start", "has_end", "has_part"):
    COMMON.operation(_name)(_part)


@COMMON.operation("has_empty_data")
def has_empty_data(call: RowCall) -> bool:
    """Whether a Windows event has event data of a name with nothing in it. Raises `Refusal` for one with a document
    type, which no event has."""
    raw, name = text(call.value(0)), text(call.value(1))
    if raw is None or not raw.startswith("<"):
        return False
    if "<!" in raw:
        raise call.refuse("the reference has no reading of events with a document type")
    try:
        event = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise call.refuse("the reference has no reading of events that are no XML") from error
    data = (node for node in event.iter() if node.tag.rpartition("}")[2] == "Data")
    return any(node.get("Name") == name and not node.text and not len(node) for node in data)


@COMMON.operation("carries_event_type")
def carries_event_type(call: RowCall) -> bool:
    """Whether the event's own field `eventtype` has the value, in any case."""
    wanted = (text(call.value(0)) or "").lower()
    return any(value.lower() == wanted for value in texts_of(values_of(call.row.get("eventtype"))))
