"""Numbers as text, addresses, digests."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote

from rulescope.engines.duckdb.functions.registry import python_function

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_STAGE = re.compile(r"\|\s*([A-Za-z_]\w*)")


@python_function("spl_urldecode", "VARCHAR", returns="VARCHAR")
def urldecode(text: str) -> str:
    """The text with percent escapes read."""
    return unquote(text, errors="replace")


@python_function("spl_sha512", "VARCHAR", returns="VARCHAR")
def sha512(text: str) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha512(text.encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=512)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        return None


@python_function("spl_in_network", "VARCHAR", "VARCHAR", returns="BOOLEAN")
def in_network(text: str, network: str) -> bool | None:
    """Whether the address lies in the network; NULL where the network is none."""
    found = _network(network)
    if found is None:
        return None
    address = _address(text)
    return address is not None and address.version == found.version and address in found


@python_function("spl_ip_key", "VARCHAR", returns="VARCHAR")
def ip_key(text: str) -> str:
    """A text by which addresses sort as numbers; others sort after them by their characters."""
    address = _address(text)
    if address is None:
        return "9" + text
    return f"{address.version}{int(address):039d}"


@python_function("spl_ipmask", "VARCHAR", "VARCHAR", returns="VARCHAR")
def ipmask(mask: str, text: str) -> str | None:
    """The bits of an address that the mask keeps."""
    first, second = _address(mask), _address(text)
    if first is None or second is None or first.version != 4 or second.version != 4:
        return None
    return str(ipaddress.IPv4Address(int(first) & int(second)))


@python_function("spl_tonumber", "VARCHAR", "DOUBLE", returns="DOUBLE")
def tonumber(text: str, base: float) -> float | None:
    """The number that a text is in a base from 2 to 36."""
    written = text.strip()
    if base == 16:
        written = re.sub(r"^([-+]?)0[xX]", r"\1", written)
    if not re.fullmatch(r"[-+]?[0-9A-Za-z]{1,200}", written):
        return None
    try:
        return float(int(written, int(base)))
    except (ValueError, OverflowError):
        return None


@python_function("spl_hex", "DOUBLE", returns="VARCHAR")
def hexadecimal(value: float) -> str:
    """`0xFF`: the whole part in hexadecimal."""
    number = int(value)
    return f"-0x{-number:X}" if number < 0 else f"0x{number:X}"


@python_function("spl_binary", "DOUBLE", returns="VARCHAR")
def binary(value: float) -> str:
    """The whole part in binary."""
    return f"{int(value):b}"


@python_function("spl_commas", "DOUBLE", returns="VARCHAR")
def commas(value: float) -> str:
    """Thousands set apart by commas, at most two decimals."""
    if value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}"


@python_function("spl_duration", "DOUBLE", returns="VARCHAR")
def duration(value: float) -> str:
    """Seconds as `[days+]HH:MM:SS[.ffffff]`."""
    sign = "-" if value < 0 else ""
    value = abs(value)
    whole = int(value)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f"{value - whole:.6f}"[1:] if value != whole else ""
    return f"{sign}{f'{days}+' if days else ''}{hours:02d}:{minutes:02d}:{seconds:02d}{fraction}"


@python_function("spl_commands", "VARCHAR", returns="VARCHAR[]")
def commands(text: str) -> list[str]:
    """The commands that a search names, `search` first where it is left out."""
    names = [found.lower() for found in _STAGE.findall(text)]
    return names if text.lstrip().startswith("|") else ["search", *names]
