"""The functions of ES|QL, and how many arguments each takes.

Source: Elastic's "ES|QL functions and operators", its pages by kind of function; other spellings of the conversions are
listed by Elasticsearch's function registry only.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Arity(NamedTuple):
    """The least and the greatest number of arguments (None: no bound)."""

    least: int
    most: int | None


def _all(least: int, most: int | None, names: str) -> dict[str, Arity]:
    return dict.fromkeys(names.split(), Arity(least, most))


FUNCTIONS: Final[dict[str, Arity]] = {
    # aggregate functions
    **_all(0, 1, "count"),
    **_all(
        1, 1, "absent avg max median median_absolute_deviation min present st_centroid_agg st_extent_agg std_dev sum"
    ),
    **_all(1, 1, "values variance"),
    **_all(1, 2, "count_distinct earliest first last latest"),
    **_all(2, 2, "percentile sample weighted_avg"),
    **_all(2, 4, "top"),
    **_all(2, None, "sparkline"),
    # time-series aggregate functions
    **_all(1, 2, "absent_over_time avg_over_time count_distinct_over_time count_over_time delta deriv first_over_time"),
    **_all(1, 2, "idelta increase irate last_over_time max_over_time min_over_time present_over_time rate"),
    **_all(1, 2, "stddev_over_time sum_over_time variance_over_time"),
    **_all(2, 3, "percentile_over_time"),
    # grouping functions
    **_all(2, 5, "bin bucket"),
    **_all(1, 2, "categorize"),
    **_all(1, 4, "tbucket"),
    **_all(0, None, "without"),
    # conditional functions
    **_all(2, None, "case"),
    **_all(1, None, "coalesce greatest least"),
    **_all(3, 3, "clamp"),
    **_all(2, 2, "clamp_max clamp_min"),
    # date and time functions
    **_all(0, 0, "now"),
    **_all(1, 1, "day day_name hour month month_name range_max range_min year"),
    **_all(1, 3, "date_format date_parse"),
    **_all(1, 2, "trange"),
    **_all(2, 2, "date_extract in_range range_contains range_intersects range_within"),
    **_all(2, 3, "date_trunc date_unit_count"),
    **_all(3, 3, "date_diff"),
    # IP functions
    **_all(2, None, "cidr_match"),
    **_all(3, 3, "ip_prefix network_direction"),
    # math functions
    **_all(0, 0, "e pi tau"),
    **_all(
        1, 1, "abs acos acosh asin asinh atan atanh cbrt ceil cos cosh exp floor log10 signum sin sinh sqrt tan tanh"
    ),
    **_all(1, 2, "log round"),
    **_all(2, 2, "atan2 copy_sign hypot pow scalb"),
    **_all(2, None, "round_to"),
    # search functions
    **_all(1, 1, "score"),
    **_all(1, 2, "kql qstr"),
    **_all(2, 2, "term"),
    **_all(2, 3, "match match_phrase top_snippets"),
    **_all(2, None, "multi_match"),
    **_all(3, 4, "decay"),
    # dense vector functions
    **_all(1, 1, "v_magnitude"),
    **_all(1, 3, "embedding"),
    **_all(2, 2, "text_embedding v_cosine v_dot_product v_hamming v_l1_norm v_l2_norm"),
    **_all(2, 4, "knn"),
    # spatial functions
    **_all(1, 1, "st_envelope st_npoints st_x st_xmax st_xmin st_y st_ymax st_ymin"),
    **_all(1, 1, "st_geohash_to_geoshape st_geohash_to_long st_geohash_to_string st_geohex_to_geoshape"),
    **_all(1, 1, "st_geohex_to_long st_geohex_to_string st_geotile_to_geoshape st_geotile_to_long"),
    **_all(1, 1, "st_geotile_to_string"),
    **_all(2, 2, "st_contains st_disjoint st_distance st_intersects st_simplify st_within"),
    **_all(2, 3, "st_geohash st_geohex st_geotile"),
    # string functions
    **_all(
        1, 1, "bit_length byte_length fmt_bytes fmt_bytes_si fmt_duration fmt_percent from_base64 json_string length"
    ),
    **_all(1, 1, "ltrim md5 reverse rtrim sha1 sha256 space to_ascii to_base64 to_lower to_upper trim url_decode"),
    **_all(1, 1, "url_encode url_encode_component"),
    **_all(1, 2, "chunk"),
    **_all(1, None, "concat"),
    **_all(2, 2, "contains ends_with field_extract hash json_extract left repeat right split starts_with"),
    **_all(2, 3, "locate substring"),
    **_all(3, 3, "replace"),
    # type conversion functions
    **_all(1, 1, "to_aggregate_metric_double to_boolean to_cartesianpoint to_cartesianshape to_counter to_date_nanos"),
    **_all(1, 1, "to_date_range to_dateperiod to_datetime to_degrees to_dense_vector to_double to_gauge to_geohash"),
    **_all(1, 1, "to_exponential_histogram to_geohex to_geopoint to_geoshape to_geotile to_integer to_long to_radians"),
    **_all(1, 1, "to_string to_tdigest to_text to_timeduration to_unsigned_long to_version"),
    **_all(1, 2, "to_ip to_range"),
    **_all(1, 1, "to_aggregatemetricdouble to_bool to_datenanos to_dbl to_dt to_int to_str to_ul to_ulong to_ver"),
    # multivalue functions
    **_all(
        1, 1, "mv_avg mv_count mv_dedupe mv_first mv_last mv_max mv_median mv_median_absolute_deviation mv_min mv_sum"
    ),
    **_all(1, 2, "mv_sort"),
    **_all(2, 2, "mv_append mv_concat mv_contains mv_difference mv_intersection mv_intersects mv_percentile"),
    **_all(2, 2, "mv_pseries_weighted_sum mv_union"),
    **_all(2, 3, "mv_slice mv_zip"),
}
"""Lower-case name → arity. Names are found regardless of case."""
