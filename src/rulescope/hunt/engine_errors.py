"""What Python itself can't do with a search, said as an engine's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rulescope.errors import LimitError, Refusal


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raises `LimitError` where memory did not suffice, and `Refusal` where a search nests too deeply to be planned."""
    try:
        yield
    except MemoryError as error:
        raise LimitError("the search needs more memory than there is") from error
    except RecursionError as error:
        raise Refusal("the search nests too deeply to be planned", code="RUN015") from error
