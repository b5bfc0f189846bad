"""Which ATT&CK technique stands under which of the author's tactics, where a file lists the two apart."""

from __future__ import annotations

from collections.abc import Sequence

from rulescope.ir import Attack


def pair_techniques(written: Sequence[str], identifiers: Sequence[str]) -> tuple[tuple[Attack, ...], bool]:
    """Pair `tactic:technique[:sub-technique]` with technique identifiers; the second value says whether they pair up.

    The lists run in one order, but a technique that stands under several tactics is named once a tactic and often
    given its identifier only once. So either both lists are of one length, or there are as many identifiers as
    different techniques. Where neither holds, tactics and identifiers are kept, each on its own.
    """
    parts = [tuple(part.strip() for part in text.split(":", 1)) for text in written]
    tactics = [part[0].lower() or None for part in parts]
    names = [part[-1].lower() if len(part) > 1 else "" for part in parts]
    wanted = [identifier.strip().upper() for identifier in identifiers]
    if len(parts) == len(wanted):
        pairs = [Attack(identifier, tactic) for tactic, identifier in zip(tactics, wanted, strict=True)]
        return tuple(dict.fromkeys(pairs)), True
    distinct = list(dict.fromkeys(names))
    unique = list(dict.fromkeys(wanted))
    if len(distinct) == len(unique):
        by_name = dict(zip(distinct, unique, strict=True))
        pairs = [Attack(by_name[name], tactic) for tactic, name in zip(tactics, names, strict=True)]
        return tuple(dict.fromkeys(pairs)), True
    alone = [Attack(None, tactic) for tactic in tactics if tactic] + [Attack(identifier) for identifier in unique]
    return tuple(dict.fromkeys(alone)), False
