"""Names of columns and tables."""

from __future__ import annotations

from collections.abc import Set

from sqlglot import exp


def identifier(node: exp.Identifier) -> str:
    """A name without quotes, in small letters where Snowflake regards no case.

    A name without quotes is stored in capitals, so `"EVENT_TIME"` and `event_time` are one.
    Source: SQL reference, "Identifier requirements".
    """
    name = str(node.this)
    return name.lower() if not node.args.get("quoted") or name == name.upper() else name


def table_name(node: exp.Expr) -> str | None:
    """The name that the columns of a table, or of a query that has a name, may be written with."""
    alias = node.args.get("alias")
    if isinstance(alias, exp.TableAlias):
        alias = alias.this
    if isinstance(alias, exp.Identifier):
        return identifier(alias)
    inner = node.this if isinstance(node, exp.Table) else None
    return identifier(inner) if isinstance(inner, exp.Identifier) else None


def column_name(node: exp.Expr, own: Set[str] = frozenset()) -> str | None:
    """The name of a column, with the path of a `variant:path`; None for what is no column.

    The names `own`, of tables, are left out before it. Keys of a path regard case.
    """
    match node:
        case exp.Column(this=exp.Identifier() as inner):
            table = node.args.get("table")
            qualifier = identifier(table) if isinstance(table, exp.Identifier) else None
            return identifier(inner) if qualifier is None or qualifier in own else f"{qualifier}.{identifier(inner)}"
        case exp.Column(this=exp.Parameter(this=exp.Literal(is_string=False) as place)):
            return f"${place.this}"
        case exp.Parameter(this=exp.Literal(is_string=False) as place):
            # The first column of a file or of VALUES is `$1`.
            return f"${place.this}"
        case exp.Identifier():
            return identifier(node)
        case exp.JSONExtract(this=inner, expression=exp.JSONPath() as path):
            base = column_name(inner, own)
            parts = path_parts(path)
            return None if base is None or parts is None else base + path_text(parts)
        case exp.Bracket(this=inner, expressions=[exp.Literal() as key]):
            base = column_name(inner, own)
            if base is not None:
                return base + path_text([str(key.this) if key.is_string else int(str(key.this))])
        case exp.Dot(this=inner, expression=exp.Identifier() as key):
            base = column_name(inner, own)
            return None if base is None else f"{base}.{key.this}"
    return None


def outer_columns(query: exp.Expr) -> tuple[str, ...]:
    """The columns of a query inside a value that are named with a table which is none of its own."""
    own: set[str] = set()
    columns: list[tuple[str, exp.Column]] = []
    for node in query.walk():
        if isinstance(node, exp.TableAlias):
            own.update(identifier(one) for one in (node.this, *node.columns) if isinstance(one, exp.Identifier))
        elif isinstance(node, exp.Table):
            own.add(table_name(node) or "")
        elif isinstance(node, exp.Column) and isinstance(table := node.args.get("table"), exp.Identifier):
            columns.append((identifier(table), node))
    found = (column_name(column) or "" for table, column in columns if table not in own)
    return tuple(dict.fromkeys(found))


def path_parts(path: exp.JSONPath) -> list[str | int] | None:
    """The keys and positions of a path; None where it has anything else."""
    parts = [part.this for part in path.expressions if not isinstance(part, exp.JSONPathRoot)]
    return parts if all(isinstance(part, str | int) for part in parts) else None


def path_text(parts: list[str | int]) -> str:
    """A path behind the name of its column: `.key`, `[0]`."""
    return "".join(f".{part}" if isinstance(part, str) else f"[{part}]" for part in parts)
