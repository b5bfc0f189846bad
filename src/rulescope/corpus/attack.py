"""Which ATT&CK technique stands under which of the author's tactics, where a file lists the two apart."""

from __future__ import annotations

from collections.abc import Sequence

from rulescope.ir import Attack
from rulescope.knowledge import attack


def pair_techniques(written: Sequence[str], identifiers: Sequence[str]) -> tuple[tuple[Attack, ...], bool]:
    """Pair `tactic:technique[:sub-technique]` with technique identifiers; the second value says whether all pair up.

    The order of the two lists can't be relied on, and a technique under several tactics often has its identifier only
    once, so a name is looked up in ATT&CK. It takes its own identifier if that is listed; else a listed one of the
    same family (`brute force:password guessing` and T1110) that no other name has; else, the name being as clear, its
    own though it is not listed. Names that ATT&CK doesn't know take what is left, in order, if the numbers agree.
    Whatever is left then stands on its own.
    """
    entries = [_split(text) for text in written]
    wanted = list(dict.fromkeys(identifier.strip().upper() for identifier in identifiers))
    found = {name: _by_name(name, wanted) for _, name in entries if name is not None}
    exact = {identifier for identifier in found.values() if identifier in wanted}
    left = [identifier for identifier in wanted if identifier not in exact]
    all_listed = True
    for name, identifier in found.items():
        if identifier is None or identifier in wanted:
            continue
        family = next((one for one in left if one.partition(".")[0] == identifier.partition(".")[0]), None)
        if family is None:
            all_listed = False
        else:
            left.remove(family)
            found[name] = family
    unknown = [name for name, identifier in found.items() if identifier is None]
    if len(unknown) == len(left):
        found.update(zip(unknown, left, strict=True))
        left = []
    pairs = [Attack(found[name] if name is not None else None, tactic) for tactic, name in entries]
    kept = [pair for pair in pairs if pair.technique_id is not None or pair.tactic is not None]
    paired = all_listed and not left and all(pair.technique_id is not None for pair in pairs)
    return tuple(dict.fromkeys([*kept, *(Attack(identifier) for identifier in left)])), paired


def _split(text: str) -> tuple[str | None, str | None]:
    """The tactic and the technique's name (with its parent's) in `tactic:parent:name`; either may be missing."""
    head, _, rest = (part.strip() for part in text.strip().partition(":"))
    if attack().tactic(head) is not None:
        return head.lower(), rest or None
    return None, text.strip() or None


def _by_name(name: str, wanted: Sequence[str]) -> str | None:
    """The identifier of the technique so called: a listed one if there are several, none if that leaves a choice."""
    known = [technique.id for technique in attack().by_name(name)]
    listed = [identifier for identifier in known if identifier in wanted]
    if listed:
        return listed[0]
    renamed = [one for one in wanted if known and attack().canonical(one) in {attack().canonical(k) for k in known}]
    if renamed:
        return renamed[0]
    active = [technique.id for technique in attack().by_name(name) if technique.status == "active"]
    return active[0] if len(active) == 1 else None
