-- The functions that compiled plans call, as macros of DuckDB. Each takes and gives what its comment says.

-- Text to DOUBLE, NULL where it does not read as a number (so 'nan', 'inf', '1_000' and ' 5' are text).
CREATE OR REPLACE MACRO spl_number(x) AS
  CASE WHEN regexp_full_match(x, '[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?') THEN TRY_CAST(x AS DOUBLE) END;

-- DOUBLE to text: whole numbers without a point (as far as a DOUBLE holds them exactly, 2^53), others to 15 significant
-- digits.
CREATE OR REPLACE MACRO spl_text(x) AS
  CASE WHEN x = trunc(x) AND abs(x) <= 9007199254740992 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)
       WHEN isfinite(CAST(x AS DOUBLE)) THEN printf('%.15g', CAST(x AS DOUBLE)) END;

-- DOUBLE to a whole number that can be a position or a length: cut, at most 10^9 either way.
CREATE OR REPLACE MACRO spl_whole(x) AS
  CAST(CASE WHEN x IS NOT NULL THEN trunc(greatest(least(x, 1e9), -1e9)) END AS BIGINT);

-- List of text to text: its one value, NULL where it has several.
CREATE OR REPLACE MACRO spl_single(x) AS CASE WHEN len(x) = 1 THEN x[1] END;

-- Text to a list of one.
CREATE OR REPLACE MACRO spl_list(x) AS CASE WHEN x IS NOT NULL THEN [x] END;

-- A list of text that is not empty to one text, a delimiter between its values, which may differ from row to row.
CREATE OR REPLACE MACRO spl_join(x, d) AS CASE WHEN d IS NOT NULL THEN list_reduce(x, lambda a, b: a || d || b) END;

-- A list that is NULL where it has no value.
CREATE OR REPLACE MACRO spl_filled(x) AS CASE WHEN len(x) > 0 THEN x END;

-- Two texts that may read as numbers: equal as numbers or as text; and which comes first.
CREATE OR REPLACE MACRO spl_equal(x, y) AS
  (x = y OR COALESCE(spl_number(x) = spl_number(y), FALSE));
CREATE OR REPLACE MACRO spl_less(x, y) AS
  COALESCE(spl_number(x) < spl_number(y), x < y);
CREATE OR REPLACE MACRO spl_less_or_equal(x, y) AS
  COALESCE(spl_number(x) <= spl_number(y), x <= y);

-- Text to a whole number of up to 38 digits where it has so many that a DOUBLE may lose some, else NULL.
CREATE OR REPLACE MACRO spl_wide(x) AS
  CASE WHEN strlen(x) BETWEEN 16 AND 39 THEN
    CASE WHEN regexp_full_match(x, '[-+]?[0-9]{16,38}') THEN TRY_CAST(x AS HUGEINT) END END;

-- HUGEINT to BIGINT: one beyond 64 bits begins again at the other end.
CREATE OR REPLACE MACRO spl_wrapped(x) AS
  COALESCE(TRY_CAST(x AS BIGINT), CAST(
    ((x + 9223372036854775808) % 18446744073709551616 + 18446744073709551616) % 18446744073709551616
    - 9223372036854775808 AS BIGINT));

-- Text to BIGINT: a whole number, also in hexadecimal (`0x3e7`); what has a fraction is cut.
CREATE OR REPLACE MACRO spl_long(x) AS
  CASE WHEN contains(x, '.') THEN TRY_CAST(trunc(spl_number(x)) AS BIGINT) ELSE TRY_CAST(x AS BIGINT) END;

-- Text to HUGEINT where it is spelt as a whole number of 64 bits, else NULL.
CREATE OR REPLACE MACRO spl_es_long(x) AS
  CASE WHEN regexp_full_match(x, '[-+]?[0-9]{1,19}') THEN CAST(TRY_CAST(x AS BIGINT) AS HUGEINT) END;

-- What is computed of the texts of two numbers, as text: a whole number where both are (NULL beyond 64 bits), else a
-- DOUBLE, which has a point or exponent.
CREATE OR REPLACE MACRO spl_spelt(x, y, w, d) AS
  CASE WHEN spl_es_long(x) IS NOT NULL AND spl_es_long(y) IS NOT NULL THEN CAST(TRY_CAST(w AS BIGINT) AS VARCHAR)
       ELSE CAST(d AS VARCHAR) END;

-- The sum of a list of text, as text: a whole number where all of its numbers are (NULL beyond 64 bits), else a DOUBLE.
CREATE OR REPLACE MACRO spl_spelt_sum(x) AS
  CASE WHEN list_bool_and(list_transform(x, lambda v: spl_number(v) IS NULL OR spl_es_long(v) IS NOT NULL))
       THEN CAST(TRY_CAST(list_sum(list_transform(x, lambda v: spl_es_long(v))) AS BIGINT) AS VARCHAR)
       ELSE CAST(list_sum(list_transform(x, lambda v: spl_number(v))) AS VARCHAR) END;

-- What a DOUBLE loses of a whole number, which orders those that share one; NULL where that is more than 32 bits.
CREATE OR REPLACE MACRO spl_rest(x) AS
  CASE WHEN strlen(x) > 15 THEN TRY_CAST(spl_wide(x) - TRY_CAST(spl_number(x) AS HUGEINT) AS INTEGER) END;

-- The same comparisons, by all of their digits where both texts are whole numbers (from 2^53, which has 16 digits, on a
-- DOUBLE skips some).
CREATE OR REPLACE MACRO spl_near(x, y) AS
  COALESCE(spl_number(x) = spl_number(y) AND abs(spl_number(x)) >= 9007199254740992, FALSE);
CREATE OR REPLACE MACRO spl_exact_equal(x, y) AS
  CASE WHEN strlen(x) > 15 AND strlen(y) > 15 THEN
    CASE WHEN spl_near(x, y) THEN COALESCE(spl_wide(x) = spl_wide(y), TRUE) ELSE spl_equal(x, y) END
  ELSE spl_equal(x, y) END;
CREATE OR REPLACE MACRO spl_exact_less(x, y) AS
  CASE WHEN strlen(x) > 15 AND strlen(y) > 15 THEN
    CASE WHEN spl_near(x, y) THEN COALESCE(spl_wide(x) < spl_wide(y), FALSE) ELSE spl_less(x, y) END
  ELSE spl_less(x, y) END;
CREATE OR REPLACE MACRO spl_exact_less_or_equal(x, y) AS
  CASE WHEN strlen(x) > 15 AND strlen(y) > 15 THEN
    CASE WHEN spl_near(x, y) THEN COALESCE(spl_wide(x) <= spl_wide(y), TRUE) ELSE spl_less_or_equal(x, y) END
  ELSE spl_less_or_equal(x, y) END;

-- An extreme of texts as the number that it is: a whole one by all of its digits, where it is no other than the DOUBLE.
CREATE OR REPLACE MACRO spl_exact_text(n, w) AS
  CASE WHEN CAST(w AS DOUBLE) = n THEN CAST(w AS VARCHAR) ELSE spl_text(n) END;

-- A text that may read as a number against a DOUBLE.
CREATE OR REPLACE MACRO spl_equal_number(x, n) AS
  CASE WHEN x IS NOT NULL AND n IS NOT NULL THEN COALESCE(spl_number(x) = n, FALSE) END;
CREATE OR REPLACE MACRO spl_less_number(x, n) AS COALESCE(spl_number(x) < n, x < spl_text(n));
CREATE OR REPLACE MACRO spl_less_or_equal_number(x, n) AS COALESCE(spl_number(x) <= n, x <= spl_text(n));
CREATE OR REPLACE MACRO spl_greater_number(x, n) AS COALESCE(spl_number(x) > n, x > spl_text(n));
CREATE OR REPLACE MACRO spl_greater_or_equal_number(x, n) AS COALESCE(spl_number(x) >= n, x >= spl_text(n));

-- A sum where both read as numbers, else both joined as text.
CREATE OR REPLACE MACRO spl_plus(x, y) AS
  CASE WHEN spl_number(x) IS NOT NULL AND spl_number(y) IS NOT NULL THEN spl_text(spl_number(x) + spl_number(y))
       ELSE x || y END;

-- Part of a text (x, not computed: it is used several times) by SQLite's positions: s from 1, or negative from the end,
-- 0 right before the first; n characters, before the start where negative.
CREATE OR REPLACE MACRO spl_substr_from(x, s) AS
  substring(x, CASE WHEN s > 0 THEN s WHEN s < 0 THEN greatest(length(x) + s + 1, 1) ELSE 1 END);
CREATE OR REPLACE MACRO spl_substr_between(x, a, b) AS
  CASE WHEN b > a THEN substring(x, greatest(a, 1), greatest(b - greatest(a, 1), 0)) WHEN b <= a THEN left(x, 0) END;
CREATE OR REPLACE MACRO spl_substr(x, s, n) AS
  spl_substr_between(x,
    (CASE WHEN s < 0 THEN length(x) + s + 1 ELSE s END) + CASE WHEN n >= 0 THEN 0 ELSE n END,
    (CASE WHEN s < 0 THEN length(x) + s + 1 ELSE s END) + CASE WHEN n < 0 THEN 0 ELSE n END);

-- An IPv4 address as a number, NULL where it is none, as one with leading zeros is: some read these as octal. (TRY_CAST: constants are folded before CASE decides.)
CREATE OR REPLACE MACRO spl_ipv4(x) AS
  CASE WHEN regexp_full_match(x, '((0|[1-9][0-9]{0,2})[.]){3}(0|[1-9][0-9]{0,2})') THEN
    CASE WHEN TRY_CAST(split_part(x, '.', 1) AS INTEGER) < 256 AND TRY_CAST(split_part(x, '.', 2) AS INTEGER) < 256
          AND TRY_CAST(split_part(x, '.', 3) AS INTEGER) < 256 AND TRY_CAST(split_part(x, '.', 4) AS INTEGER) < 256
    THEN TRY_CAST(split_part(x, '.', 1) AS BIGINT) * 16777216 + TRY_CAST(split_part(x, '.', 2) AS BIGINT) * 65536
       + TRY_CAST(split_part(x, '.', 3) AS BIGINT) * 256 + TRY_CAST(split_part(x, '.', 4) AS BIGINT) END END;

-- A DOUBLE to the power of another, NULL where that is no number.
CREATE OR REPLACE MACRO spl_power(x, y) AS
  CASE WHEN x < 0 AND y <> trunc(y) THEN NULL WHEN x = 0 AND y < 0 THEN NULL ELSE pow(x, y) END;

-- The logarithm of a DOUBLE to a base; whole where the base to that power is the number (log(1000, 10) is 3).
CREATE OR REPLACE MACRO spl_log(x, b) AS
  CASE WHEN pow(b, round(ln(x) / ln(b))) = x THEN round(ln(x) / ln(b)) ELSE ln(x) / ln(b) END;

-- The distinct values of a list, in order of first appearance.
CREATE OR REPLACE MACRO spl_distinct(x) AS
  list_filter(x, lambda v, i: list_position(x, v) = i);

-- Smallest and largest of a list of text: numbers by size, and before text.
CREATE OR REPLACE MACRO spl_min_of(x) AS
  COALESCE(spl_text(list_min(list_transform(x, lambda v: spl_number(v)))), list_min(CAST(x AS VARCHAR[])));
CREATE OR REPLACE MACRO spl_max_of(x) AS
  COALESCE(list_max(CAST(list_filter(CAST(x AS VARCHAR[]), lambda v: spl_number(v) IS NULL) AS VARCHAR[])),
           spl_text(list_max(list_transform(x, lambda v: spl_number(v)))));

CREATE OR REPLACE MACRO spl_exact_min_of(x) AS
  COALESCE(spl_exact_text(list_min(list_transform(x, lambda v: spl_number(v))),
                          list_min(list_transform(x, lambda v: spl_wide(v)))), list_min(CAST(x AS VARCHAR[])));
CREATE OR REPLACE MACRO spl_exact_max_of(x) AS
  COALESCE(list_max(CAST(list_filter(CAST(x AS VARCHAR[]), lambda v: spl_number(v) IS NULL) AS VARCHAR[])),
           spl_exact_text(list_max(list_transform(x, lambda v: spl_number(v))),
                          list_max(list_transform(x, lambda v: spl_wide(v)))));

-- The middle one of a list of DOUBLE, the higher of two.
CREATE OR REPLACE MACRO spl_median(x) AS
  CASE WHEN len(x) > 0 THEN list_extract(list_sort(x), CAST(len(x) // 2 + 1 AS BIGINT)) END;

-- A share (0 to 1) of a list of DOUBLE, between two neighbours where it falls there.
CREATE OR REPLACE MACRO spl_percentile(x, p) AS
  CASE WHEN len(x) > 0 THEN
    list_extract(list_sort(x), CAST(floor((len(x) - 1) * p) + 1 AS BIGINT)) * (1 - ((len(x) - 1) * p - floor((len(x) - 1) * p)))
    + list_extract(list_sort(x), CAST(ceil((len(x) - 1) * p) + 1 AS BIGINT)) * ((len(x) - 1) * p - floor((len(x) - 1) * p)) END;

-- The seconds by which the zone that a time of ISO 8601 names is before UTC; 0 where it names none.
CREATE OR REPLACE MACRO spl_zone(x) AS
  CASE WHEN right(x, 1) <> 'Z' AND regexp_matches(x, ':[0-9.]+ ?[+-][0-9]{2}(:?[0-9]{2})?$') THEN
    CASE WHEN regexp_matches(x, '-[0-9]{2}(:?[0-9]{2})?$') THEN -1 ELSE 1 END
    * (CAST(regexp_extract(x, '[+-]([0-9]{2}):?([0-9]{2})?$', 1) AS BIGINT) * 3600
       + COALESCE(TRY_CAST(regexp_extract(x, '[+-]([0-9]{2}):?([0-9]{2})?$', 2) AS BIGINT), 0) * 60) ELSE 0 END;

-- A text of ISO 8601, or milliseconds since 1970, to an instant in UTC; NULL where it is neither.
CREATE OR REPLACE MACRO spl_es_instant(x) AS
  COALESCE(TRY_CAST(x AS TIMESTAMP) - to_seconds(spl_zone(x)),
           CASE WHEN regexp_full_match(x, '-?[0-9]{1,15}([.][0-9]+)?') THEN make_timestamp(CAST(TRY_CAST(x AS DOUBLE) * 1000 AS BIGINT)) END);
