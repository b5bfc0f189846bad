"""Stages whose pipeline is a template: tokens in its names and texts stand for what a field or a row gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rulescope.ir.stages.base import FieldItem, Stage

if TYPE_CHECKING:
    from rulescope.ir.rule import Pipeline


@dataclass(frozen=True, slots=True)
class Foreach(Stage):
    """Runs a pipeline once a field that matches a pattern (`multifield`), or once an item of a field (`mode`).

    The pipeline is a template. Tokens in its names and texts stand for the field's name (`<<FIELD>>`), what the
    wildcards of the pattern stand for (`<<MATCHSTR>>`, `<<MATCHSEG1>>` to 3), the item and its number from 0
    (`<<ITEM>>`, `<<ITER>>`). `bare`: one of the first kinds stands without quotes, so that only one word can be put in.
    """

    kind: ClassVar[str] = "foreach"
    fields: tuple[FieldItem, ...]
    pipeline: Pipeline
    mode: str = "multifield"
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Map(Stage):
    """Runs a search once a row. `pipeline` is a template: `$field$` in its names and values stands for a field's value.

    At most `max_searches` run, or one for each row where that is 0. `holes` are the fields whose values are put in;
    `template` is what was written, for display.
    """

    kind: ClassVar[str] = "map"
    template: str = ""
    pipeline: Pipeline | None = None
    saved_search: str | None = None
    max_searches: int = 0
    holes: tuple[str, ...] = ()
