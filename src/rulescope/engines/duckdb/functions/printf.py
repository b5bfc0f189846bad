"""`printf` (Search Reference, "Conversion functions"): conversions, flags, width, precision, as in C and more.

`%z` is `%s`, `%p` is `%X`, `%i` is `%d`; the flag `'` sets thousands apart by commas; `%C`, `%n`, `%S`, `%1$` are not
supported. Without a precision `%a` has 6 decimals, as `%e` and `%f` have.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from rulescope.engines.duckdb.functions.registry import Bound, GivenUp, python_function

_CONVERSION = re.compile(
    r"%(?P<flags>[-+ #0']*)(?P<width>\*|\d+)?(?P<point>\.(?P<precision>\*|\d+)?)?(?P<kind>[a-zA-Z%])"
)
_MAX_WIDTH = 10_000
_TOO_WIDE = Bound(f"printf makes at most {_MAX_WIDTH:,} characters or digits of a value, and no text beyond")
_CODE_POINT = re.compile(r"\d{2,7}")
_HEX_FLOAT = re.compile(r"(-?)0x([01])\.([0-9a-f]+)p([-+]\d+)")


@python_function("spl_printf", "VARCHAR", "VARCHAR[]", returns="VARCHAR", takes_null=True)
def printf(pattern: str | None, arguments: list[str | None] | None) -> str | None:
    """The format with the arguments put in; NULL where it can't be."""
    if pattern is None:
        return None
    rest = list(arguments or [])

    def take() -> str | None:
        return rest.pop(0) if rest else None

    try:
        return _CONVERSION.sub(lambda found: _converted(found, take), pattern)
    except (ValueError, OverflowError):
        return None


def _converted(found: re.Match[str], take: Callable[[], str | None]) -> str:
    kind, flags = found.group("kind"), found.group("flags")
    if kind == "%":
        return "%"
    width, precision = found.group("width") or "", found.group("precision")
    if width == "*":
        width = str(int(float(take() or 0)))
        if width.startswith("-"):
            flags, width = flags + "-", width[1:]
    if precision == "*":
        precision = str(max(int(float(take() or 0)), 0))
    elif precision is None and found.group("point"):
        precision = "0"
    if int(width or 0) > _MAX_WIDTH or int(precision or 0) > _MAX_WIDTH:
        raise GivenUp(_TOO_WIDE, found.string, None)
    text = take()
    if kind in "szc":
        shown = _character(text or "") if kind == "c" else (text or "")
        return _padded(shown[: int(precision)] if precision and kind != "c" else shown, flags.replace("0", ""), width)
    value = float(text) if text not in (None, "") else 0.0
    if kind in "diuoxXp":
        digits = _digits(int(value), kind, flags, precision)
        return _padded(digits, flags.replace("0", "") if precision is not None else flags, width)
    if kind in "eEfFgG":
        plain = f"%{''.join(flag for flag in flags if flag in '+ #')}.{precision or 6}{kind}" % value
        if precision == "0":
            plain = f"%{''.join(flag for flag in flags if flag in '+ #')}.0{kind}" % value
        return _padded(_grouped(plain) if "'" in flags else plain, flags, width)
    if kind in "aA":
        shown = _sign(value < 0, flags) + _hexadecimal(abs(value), int(precision) if precision is not None else 6)
        return _padded(shown.upper() if kind == "A" else shown, flags, width)
    raise ValueError(f"no conversion {kind}")


def _character(text: str) -> str:
    """The character with the code point that a number is, else the first one of the text."""
    if _CODE_POINT.fullmatch(text):
        return chr(int(text))
    return text[:1]


def _digits(number: int, kind: str, flags: str, precision: str | None) -> str:
    base = {"o": "o", "x": "x", "X": "X", "p": "X"}.get(kind, "d")
    shown = f"{abs(number):{base}}"
    if precision is not None:
        shown = "" if number == 0 and int(precision) == 0 else shown.zfill(int(precision))
    if "'" in flags:
        shown = _grouped(shown)
    if "#" in flags and number != 0:
        shown = {"o": "0", "x": "0x", "X": "0X", "p": "0X"}.get(kind, "") + shown
    return _sign(number < 0, flags) + shown


def _sign(negative: bool, flags: str) -> str:
    return "-" if negative else "+" if "+" in flags else " " if " " in flags else ""


def _grouped(text: str) -> str:
    """The digits before the point in threes."""
    found = re.match(r"([-+ ]?)(\d+)(.*)", text, re.DOTALL)
    return text if found is None else f"{found.group(1)}{int(found.group(2)):,}{found.group(3)}"


def _padded(text: str, flags: str, width: str) -> str:
    wanted = int(width or 0)
    if "-" in flags:
        return text.ljust(wanted)
    if "0" in flags and len(text) < wanted:
        lead = re.match(r"[-+ ]?(?:0[xX])?", text)
        head = lead.group() if lead else ""
        return head + text[len(head) :].rjust(wanted - len(head), "0")
    return text.rjust(wanted)


def _hexadecimal(value: float, precision: int) -> str:
    """A number that is not negative as C's `%a`."""
    found = _HEX_FLOAT.fullmatch(value.hex())
    if found is None:
        raise ValueError("not a number")
    _, first, digits, exponent = found.groups()
    if precision < len(digits):
        scale = 16 ** (len(digits) - precision)
        scaled, rest = divmod(int(first + digits, 16), scale)
        if rest * 2 > scale or (rest * 2 == scale and scaled % 2):
            scaled += 1
        text = f"{scaled:x}".zfill(precision + 1)
        first, digits = text[: len(text) - precision], text[len(text) - precision :]
    else:
        digits = digits.ljust(precision, "0")
    return f"0x{first}{'.' + digits if digits else ''}p{exponent}"
