"""Rulescope reads detection rules, says what each looks for, and runs it on real logs."""

__version__ = "0.1.0"
