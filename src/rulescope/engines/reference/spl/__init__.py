"""Splunk's language: Search Reference and Search Manual, stage by stage and function by function."""

from rulescope.engines.reference.spl import (
    combining,
    functions,
    grouping,
    multivalue,
    numbers,
    ordering,
    running,
    shaping,
    texts,
)

__all__ = [
    "combining",
    "functions",
    "grouping",
    "multivalue",
    "numbers",
    "ordering",
    "running",
    "shaping",
    "texts",
]
