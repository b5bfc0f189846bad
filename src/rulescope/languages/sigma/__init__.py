"""Sigma rules, by the Sigma specification 2.1: from their YAML to the tree."""

from rulescope.languages.sigma.parser import parse_sigma

__all__ = ["parse_sigma"]
