"""Clock, and times to text and back. Times are epoch seconds; text is in the time zone of the search."""

from __future__ import annotations

from rulescope.engines.sql.build import call, literal, number
from rulescope.engines.sql.functions.registry import Arguments, function
from rulescope.engines.sql.values import Type, Value, as_number, as_text, auto_value, number_value
from rulescope.ir.times import relative_steps


@function("now", "time", least=0)
def compile_now(given: Arguments) -> Value:
    """The instant that the search takes for now."""
    now = given.context.options.now
    if given.name.lower() == "now":
        now = float(int(now))
    return Value(number(now), Type.NUMBER, now)


@function("strftime", least=2)
def compile_strftime(given: Arguments) -> Value:
    """A time as text by a format."""
    zone = literal(given.context.options.time_zone)
    return auto_value(call("spl_strftime", as_number(given.values[0]), as_text(given.values[1]), zone))


@function("strptime", least=2)
def compile_strptime(given: Arguments) -> Value:
    """The time that a text says by a format, else NULL."""
    options = given.context.options
    pattern = given.values[1].constant
    if isinstance(pattern, str) and "%" not in pattern:
        given.tell_useless(f"'{pattern[:60]}' is no format of times, such as %Y-%m-%d")
    return number_value(
        call(
            "spl_strptime",
            as_text(given.values[0]),
            as_text(given.values[1]),
            literal(options.time_zone),
            number(options.now),
        )
    )


@function("relative_time", least=2)
def compile_relative_time(given: Arguments) -> Value:
    """A time moved by a modifier such as `-1d@d`; that a written one is none is said."""
    modifier = given.values[1].constant
    if isinstance(modifier, str) and relative_steps(modifier) is None:
        given.tell_useless(f"'{modifier[:60]}' is no time modifier, such as -1d@d")
    zone = literal(given.context.options.time_zone)
    return number_value(call("spl_relative_time", as_number(given.values[0]), as_text(given.values[1]), zone))
