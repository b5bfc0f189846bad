"""The functions of `eval`, by family; importing this package declares them all."""

from rulescope.engines.sql.functions import (  # noqa: F401
    conditional,
    conversion,
    elastic_dates,
    elastic_numbers,
    elastic_text,
    event_types,
    json,
    mathematics,
    multivalue,
    sigma_text,
    significance,
    statistical,
    text,
    time,
)
from rulescope.engines.sql.functions.registry import FUNCTIONS, compile_call

__all__ = ["FUNCTIONS", "compile_call"]
