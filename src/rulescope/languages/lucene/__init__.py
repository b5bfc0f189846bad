"""Lucene's query syntax: text to the tree. Source: Elasticsearch's reference, "Query string query", "Query string
syntax"."""

from rulescope.languages.lucene.parser import parse_lucene

__all__ = ["parse_lucene"]
