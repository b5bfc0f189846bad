"""Sigma: predicates are the tree's own; correlations as the specification has them."""

from rulescope.engines.reference.sigma import correlations

__all__ = ["correlations"]
