"""Languages over tables with typed columns (Kusto, SQL): their notion of missing values, groups, joins and functions.

The leaves of a predicate say their meaning themselves; what stages and functions mean is said by a `Dialect`. A stage
or a function that a dialect has no compiler for is refused by name, even where SPL has one of that name.
"""

from rulescope.engines.sql.relational.dialect import DIALECTS, Dialect, dialect_of
from rulescope.engines.sql.relational.table_rows import TableColumn, TableRows

__all__ = ["DIALECTS", "Dialect", "TableColumn", "TableRows", "dialect_of"]
