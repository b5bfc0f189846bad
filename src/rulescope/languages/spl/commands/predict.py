"""predict: forecasts a time series."""

from rulescope.languages.spl.commands.signature import OptionKind
from rulescope.languages.spl.commands.syntax import signature

_BOUNDS: dict[str, OptionKind] = {f"{side}{percent}": "text" for side in ("lower", "upper") for percent in range(100)}
"""`lower90=low` names the field of a bound; the percentage may also be written with a leading 0."""
_BOUNDS |= {f"{side}{percent:02d}": "text" for side in ("lower", "upper") for percent in range(10)}

COMMAND = signature(
    "predict",
    "Forecasts the values of fields of a time series.",
    "predict <field> [AS <field>]... [algorithm=(LL | LLT | LLP | LLP5 | LLB | BiLL)] [correlate=<field>]"
    " [future_timespan=<int>] [holdback=<int>] [period=<int>] [suppress=<field>]"
    " [lower<int>=<field>] [upper<int>=<field>]",
    options={
        "algorithm": ("ll", "llt", "llp", "llp1", "llp2", "llp5", "llb", "bill"),
        "correlate": "text",
        "future_timespan": "integer",
        "holdback": "integer",
        "period": "integer",
        "suppress": "text",
        "nonnegative": "boolean",
        **_BOUNDS,
    },
    positional="fields",
    minimum=1,
    clauses=("as",),
)
