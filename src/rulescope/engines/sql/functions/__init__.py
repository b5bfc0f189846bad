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
    raw_events,
    registry,
    significance,
    statistical,
    text,
    time,
)
