"""Splunk's Search Processing Language: text to the tree, and back."""

from rulescope.languages.spl.macros import Macro, MacroLibrary
from rulescope.languages.spl.parser import ParsedSearch, parse_search
from rulescope.languages.spl.printer import render_pipeline

__all__ = ["Macro", "MacroLibrary", "ParsedSearch", "parse_search", "render_pipeline"]
