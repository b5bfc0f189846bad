"""Splunk's Search Processing Language: text to the tree, and back."""

from rulescope.languages.spl.macros import Macro, MacroLibrary
from rulescope.languages.spl.printer import render_pipeline
from rulescope.languages.spl.query import parse_search

__all__ = ["Macro", "MacroLibrary", "parse_search", "render_pipeline"]
