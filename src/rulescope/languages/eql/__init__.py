"""Elastic's Event Query Language: text to the tree. Source: Elastic's "EQL syntax reference" and "EQL function
reference"."""

from rulescope.languages.eql.parser import parse_eql

__all__ = ["parse_eql"]
