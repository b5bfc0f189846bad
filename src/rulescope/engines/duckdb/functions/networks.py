"""IPv6 addresses as Kusto reads them (an IPv4 address is the IPv6 one that stands for it), and ranges of addresses."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from rulescope.engines.duckdb.functions.kusto import dumped, listed
from rulescope.engines.duckdb.functions.registry import python_function


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[int, int] | None:
    """The address as a number, and the length of its prefix."""
    written, slash, size = text.strip().partition("/")
    try:
        found = ipaddress.ip_address(written)
    except ValueError:
        return None
    # `::192.0.2.1` is the IPv4 address that it spells, too.
    four = found.version == 4 or ("." in written and int(found) < 1 << 32)
    if slash and not (size.isdecimal() and int(size) <= (32 if four else 128)):
        return None
    prefix = (int(size) if slash else 32 if four else 128) + (96 if four else 0)
    return int(found) + (0xFFFF << 32 if four else 0), prefix


def _cut(number: int, prefix: int) -> int:
    return number >> (128 - prefix) << (128 - prefix)


@python_function("spl_kusto_ipv6_compare", "VARCHAR", "VARCHAR", "BIGINT", returns="BIGINT")
def compare(left: str, right: str, prefix: int) -> int | None:
    """-1, 0 or 1, by the shortest prefix; NULL where one is no address."""
    first, second = _read(left), _read(right)
    if first is None or second is None or not 0 <= prefix <= 128:
        return None
    size = min(first[1], second[1], prefix)
    one, other = _cut(first[0], size), _cut(second[0], size)
    return (one > other) - (one < other)


@python_function("spl_kusto_ipv6_in_any", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def in_any(address: str, ranges: str) -> bool | None:
    """Whether an address is in one of the ranges; NULL where it is no address."""
    found, networks = _read(address), listed(ranges)
    if found is None or networks is None:
        return None
    for one in networks:
        network = _read(one) if isinstance(one, str) else None
        if network is not None and _cut(found[0], network[1]) == _cut(*network):
            return True
    return False


@python_function("spl_kusto_ipv6_text", "VARCHAR", "BIGINT", returns="VARCHAR")
def text(address: str, prefix: int) -> str | None:
    """An address cut off to its prefix and the one given, with all of its digits."""
    found = _read(address)
    if found is None or not 0 <= prefix <= 128:
        return None
    return ipaddress.IPv6Address(_cut(found[0], min(found[1], prefix))).exploded


@python_function("spl_kusto_ipv4_suffix", "VARCHAR", returns="BIGINT")
def suffix(address: str) -> int | None:
    """The length of an IPv4 address's prefix."""
    found = _read(address)
    return found[1] - 96 if found is not None and ":" not in address else None


@python_function("spl_kusto_ipv4_networks", "VARCHAR", "VARCHAR", returns="VARCHAR")
def between(first: str, last: str) -> str | None:
    """The networks that lie between two IPv4 addresses, together all of them."""
    try:
        ends = ipaddress.IPv4Address(first.strip()), ipaddress.IPv4Address(last.strip())
        return dumped([str(one) for one in ipaddress.summarize_address_range(*ends)])
    except ValueError:
        return None
