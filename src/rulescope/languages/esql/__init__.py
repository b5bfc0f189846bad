"""Elasticsearch's ES|QL: text to the tree. Source: Elastic's "ES|QL reference": syntax, commands, functions and
operators, and "Working with NULL values"."""

from rulescope.languages.esql.parser import parse_esql

__all__ = ["parse_esql"]
