"""Which licence a repository is under, from the text of its LICENSE file."""

from __future__ import annotations

import re
from pathlib import Path

from rulescope.corpus.limits import MAXIMUM_LICENSE_FILE

LICENSE_NAMES = ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "LICENCE.txt", "COPYING", "COPYING.txt")
"""The names that a licence file goes by, best first."""

# Phrases by which each licence's own text is known, most particular first; identifiers are those of spdx.org/licenses.
# Elastic's rules and Sigma's say which licence they are under in a sentence.
_PHRASES: tuple[tuple[str, str], ...] = (
    ("GNU AFFERO GENERAL PUBLIC LICENSE Version 3", "AGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 3", "LGPL-3.0-only"),
    ("GNU LESSER GENERAL PUBLIC LICENSE Version 2.1", "LGPL-2.1-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 3", "GPL-3.0-only"),
    ("GNU GENERAL PUBLIC LICENSE Version 2", "GPL-2.0-only"),
    ("Detection Rule License (DRL) 1.1", "DRL-1.1"),
    ("Detection Rule License 1.1", "DRL-1.1"),
    ("Elastic License 2.0", "Elastic-2.0"),
    ("Elastic License v2", "Elastic-2.0"),
    ("Apache License Version 2.0", "Apache-2.0"),
    ("Mozilla Public License Version 2.0", "MPL-2.0"),
    ("CC0 1.0 Universal", "CC0-1.0"),
    ("This is free and unencumbered software released into the public domain", "Unlicense"),
    ("Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
    ("Permission to use, copy, modify, and/or distribute this software", "ISC"),
)
_THIRD_CLAUSE = "Neither the name of"
_BSD = "Redistribution and use in source and binary forms"


def read_license(root: Path) -> str | None:
    """The SPDX identifier of the licence at a repository's root; None if there is no file, or one that isn't known."""
    for name in LICENSE_NAMES:
        path = root / name
        if path.is_file() and not path.is_symlink():
            try:
                with path.open("rb") as file:
                    return identify_license(file.read(MAXIMUM_LICENSE_FILE).decode("utf-8", "replace"))
            except OSError:
                return None
    return None


def identify_license(text: str) -> str | None:
    """The SPDX identifier of a licence from its text, or None. White space and case don't matter."""
    plain = re.sub(r"\s+", " ", text).lower()
    found = [(plain.find(phrase.lower()), identifier) for phrase, identifier in _PHRASES]
    places = [(place, identifier) for place, identifier in found if place >= 0]
    if places:
        # A licence's text may name others (the GPL names the LGPL at its end); its own name comes first.
        return min(places, key=lambda pair: pair[0])[1]
    if _BSD.lower() in plain:
        return "BSD-3-Clause" if _THIRD_CLAUSE.lower() in plain else "BSD-2-Clause"
    return None
