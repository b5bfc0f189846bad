"""Languages over tables with typed columns (Kusto, SQL): their notion of missing values, groups, joins and functions.

The leaves of a predicate say their meaning themselves; what stages and functions mean is said by a `Dialect`. A stage
or a function that a dialect has no compiler for is refused by name, even where SPL has one of that name. Importing this
package declares all compilers.
"""

from rulescope.engines.sql.relational import (  # noqa: F401
    applying,
    bags,
    common_functions,
    expanding,
    generated_rows,
    groups,
    joins,
    kusto_functions,
    kusto_hosted,
    kusto_lists,
    kusto_series,
    kusto_terms,
    kusto_texts,
    kusto_times,
    kusto_windows,
    lists,
    plugins,
    refused,
    rows,
    series_rows,
    snowflake_functions,
    snowflake_numbers,
    snowflake_texts,
    snowflake_times,
    snowflake_variants,
    subqueries,
    table_rows,
    windows,
)
