"""Elastic's languages: EQL, KQL, Lucene and ES|QL, as far as their references are read here."""

from rulescope.engines.reference.elastic import esql, functions, sequences

__all__ = ["esql", "functions", "sequences"]
