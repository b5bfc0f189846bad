"""xxHash64, by its specification, and what of it Kusto's hashes are."""

from __future__ import annotations

from typing import Final

from rulescope.engines.duckdb.functions.registry import python_function

_MASK: Final = (1 << 64) - 1
_PRIMES: Final = (
    0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
)  # fmt: skip


def _turned(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _round(state: int, lane: int) -> int:
    return _turned((state + lane * _PRIMES[1]) & _MASK, 31) * _PRIMES[0] & _MASK


def xxhash64(data: bytes) -> int:
    """The hash with the seed 0."""
    first, second, third, fourth, fifth = _PRIMES
    at, size = 0, len(data)
    if size >= 32:
        lanes = [(first + second) & _MASK, second, 0, -first & _MASK]
        while at <= size - 32:
            for lane in range(4):
                place = at + 8 * lane
                lanes[lane] = _round(lanes[lane], int.from_bytes(data[place : place + 8], "little"))
            at += 32
        found = sum(_turned(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            found = ((found ^ _round(0, lane)) * first + fourth) & _MASK
    else:
        found = fifth
    found = (found + size) & _MASK
    while at <= size - 8:
        found = (_turned(found ^ _round(0, int.from_bytes(data[at : at + 8], "little")), 27) * first + fourth) & _MASK
        at += 8
    if at <= size - 4:
        found ^= int.from_bytes(data[at : at + 4], "little") * first & _MASK
        found = (_turned(found, 23) * second + third) & _MASK
        at += 4
    for byte in data[at:]:
        found = _turned(found ^ (byte * fifth & _MASK), 11) * first & _MASK
    found = (found ^ (found >> 33)) * second & _MASK
    found = (found ^ (found >> 29)) * third & _MASK
    return found ^ (found >> 32)


@python_function("spl_kusto_hash", "VARCHAR", returns="BIGINT")
def hash_text(text: str) -> int:
    """The hash of a text, as a whole number with a sign."""
    return _signed(xxhash64(text.encode("utf-8", "surrogatepass")))


@python_function("spl_kusto_hash_ticks", "BIGINT", returns="BIGINT")
def hash_ticks(ticks: int) -> int:
    """The hash of a time, given in ticks since the year 1."""
    return _signed(xxhash64(ticks.to_bytes(8, "little", signed=True)))


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
