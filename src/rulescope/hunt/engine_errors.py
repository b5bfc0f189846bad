"""What Python itself can't do with a search, said as an engine's error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rulescope.errors import ExecutionError, LimitError, Refusal

_DEPTH_OF_DATABASE = "Max expression depth limit"


@contextmanager
def engine_errors() -> Iterator[None]:
    """Raises `LimitError` where memory did not suffice, and `Refusal` where a search goes deeper than Python's stack,
    or than the database takes."""
    try:
        yield
    except MemoryError as error:
        raise LimitError("the search needs more memory than there is") from error
    except RecursionError as error:
        raise _too_deep() from error
    except ExecutionError as error:
        if _DEPTH_OF_DATABASE not in error.message:
            raise
        raise _too_deep() from error


def _too_deep() -> Refusal:
    hint = "part its longest expression into several"
    return Refusal("the search nests too deeply to be planned", code="RUN015", hint=hint)
