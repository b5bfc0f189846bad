"""The functions over groups of Kusto and SQL, by name."""

from __future__ import annotations

SPELT = {
    "count_distinct": "dc", "dcount": "dc", "estdc": "dc", "count_if": "countif", "makeset": "make_set", "makelist":
    "make_list", "values": "make_set", "list": "make_list", "argmax": "arg_max", "argmin": "arg_min", "any": "take_any",
    "anyvalue": "take_any", "any_value": "take_any", "mean": "avg", "stddev": "stdev", "approx_count_distinct": "dc",
    "array_agg": "make_list", "percentile": "percentile", "countif": "countif", "hll": "hll", "max_by": "max_by",
    "min_by": "min_by", "perc": "percentile", "group_concat": "listagg", "logical_or": "boolor_agg",
    "logical_and": "booland_agg", "approx_quantile": "approx_percentile", "array_unique_agg": "make_set",
}  # fmt: skip
PLAIN = {
    "sum": ("sum(:x)", "first"), "avg": ("avg(:x)", "real"), "stdev": ("stddev_samp(:x)", "real"),
    "stdevp": ("stddev_pop(:x)", "real"), "var": ("var_samp(:x)", "real"), "varp": ("var_pop(:x)", "real"),
    "variance": ("var_samp(:x)", "real"), "variancep": ("var_pop(:x)", "real"), "median": ("median(:x)", "real"),
}  # fmt: skip
CONDITIONAL = {f"{name}if": name for name in ("sum", "avg", "min", "max", "stdev", "variance", "dcount", "take_any")}
CONDITIONAL |= {"make_set_if": "make_set", "make_list_if": "make_list", "make_bag_if": "make_bag", "anyif": "take_any"}
CONDITIONAL |= {"variancepif": "variancep", "stdevpif": "stdevp"}
PAIRS = {"covariance": "covar_samp", "covariancep": "covar_pop"}
BITS = {"binary_all_and": "bit_and", "binary_all_or": "bit_or", "binary_all_xor": "bit_xor"}
AGGREGATES = frozenset({
    *SPELT, *PLAIN, *CONDITIONAL, "count", "dc", "countif", "min", "max", "make_set", "make_list", "arg_max",
    "arg_min", "take_any", "percentile", "percentiles", "make_bag", "hll", "tdigest", "listagg", "expression",
    "mode", "max_by", "min_by", "make_list_with_nulls", *BITS, *PAIRS, *(f"{name}if" for name in PAIRS),
    "percentiles_array", "boolor_agg", "booland_agg", "object_agg", "percentile_cont", "percentile_disc",
    "approx_percentile",
})  # fmt: skip
"""The names of functions over groups; some of them are refused."""
