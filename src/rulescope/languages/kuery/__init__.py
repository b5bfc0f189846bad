"""The Kibana Query Language (KQL, kuery): text to the tree. Source: Elastic's "Kibana Query Language" reference."""

from rulescope.languages.kuery.parser import parse_kuery

__all__ = ["parse_kuery"]
