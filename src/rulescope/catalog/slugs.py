"""Names for pages that are safe as file names and in addresses, whatever a stranger called the thing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

LONGEST = 96
"""Characters of a slug; with a suffix and an extension it stays well under the 255 bytes that file systems allow."""

_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "index", "search"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)
"""Names that Windows keeps for devices, and those of the site's own pages."""

_UNSAFE = re.compile(r"[^a-z0-9_.]+")


def slug(name: str) -> str:
    """The name in lower-case ASCII letters, digits, `-`, `_` and `.`; never empty, hidden, reserved, or too long.

    Different names may give the same slug: see `unique_slugs`.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    cleaned = _UNSAFE.sub("-", ascii_name).strip("-._")[:LONGEST].strip("-._")
    if not cleaned:
        return f"x-{_digest(name)}"
    if cleaned.split(".")[0] in _RESERVED:
        return f"x-{cleaned}"
    return cleaned


def unique_slugs(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A slug for each key, from `(key, name)` pairs with different keys: the name's, with a hash of the key if shared.

    Of those that share one, the only one whose name it is to the letter has it without a hash.
    A key's slug does not depend on the order of the pairs, so links keep their targets when other rules come and go
    (apart from those that come to share its name).
    """
    pairs = list(names)
    plain = {key: slug(name) for key, name in pairs}
    shared = Counter(plain.values())
    literal = Counter(made for (_, name), made in zip(pairs, plain.values(), strict=True) if name == made)
    result = {
        key: made if shared[made] == 1 or (name == made and literal[made] == 1) else f"{made}-{_digest(key)}"
        for (key, name), made in zip(pairs, plain.values(), strict=True)
    }
    if len(set(result.values())) < len(result):  # a name that looks like another's slug with its hash
        result = {key: f"{made}-{_digest(key)}" for key, made in plain.items()}
    return result


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()
