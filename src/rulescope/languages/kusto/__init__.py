"""Kusto's query language: text to the tree. Source: Microsoft's "Kusto Query Language" reference and its published
grammar."""

from rulescope.languages.kusto.parser import parse_kusto

__all__ = ["parse_kusto"]
