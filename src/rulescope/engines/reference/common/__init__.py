"""What all languages share: the leaves of predicates, operators, and the stages that keep, order or choose."""

from rulescope.engines.reference.common import expressions, operations, predicates, stages

__all__ = ["expressions", "operations", "predicates", "stages"]
