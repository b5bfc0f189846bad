"""Bounds on what is read, each with its reason: files come from strangers."""

from __future__ import annotations

MAXIMUM_RULE_FILE = 8 * 1024 * 1024
"""Bytes of one rule file. The largest real one is some 70 KB; YAML of this size already takes a second to read."""

MAXIMUM_ARCHIVE_FILE = 128 * 1024 * 1024
"""Bytes of one file of many records (JSON Lines), after unpacking. A gzip bomb ends here."""

MAXIMUM_LOOKUP_FILE = 32 * 1024 * 1024
"""Bytes of one lookup's CSV. Only its head line is read; the bound is on what an engine may be given later."""

MAXIMUM_LICENSE_FILE = 256 * 1024
"""Bytes read of a LICENSE file. The longest common licence, the GPL, has 35 KB."""
