"""The second reading of the tree: an engine that judges others by its rows. No SQL, no database, no speed.

It is written from the languages' documentation, one row after the other, and shares nothing with the engines that it
checks but the tree. What the documentation leaves open, or nobody has written down here yet, it refuses by name.

The way of a search: `engine` takes events and a pipeline; `interpreter` goes through the stages and dispatches
predicates and expressions, as `meaning` says for the language; `common`, `spl`, `sigma`, `elastic` and `tables` hold
the readers.
To add one: a function with `@<LANGUAGE>.stage(StageClass)`, `.command("name")` or `.function("name")`.
"""

from rulescope.engines.reference.engine import ReferenceEngine

__all__ = ["ReferenceEngine"]
