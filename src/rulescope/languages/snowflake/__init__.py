"""Snowflake's SQL: text to the tree. sqlglot parses; here its tree becomes ours, with Snowflake's own meaning.
Source: Snowflake's "SQL reference"."""

from rulescope.languages.snowflake.parser import parse_snowflake

__all__ = ["parse_snowflake"]
