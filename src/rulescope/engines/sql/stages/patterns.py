"""ES|QL's GROK and DISSECT, which take fields out of text, and ROW, which makes a row.

Facts: Elastic, "ES|QL GROK command", "ES|QL DISSECT command", "Process data with DISSECT and GROK", "ES|QL ROW
command". Where a text does not fit, the fields are NULL; a name that comes several times in GROK has several values,
and so has each name where the text is several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sqlglot import exp

from rulescope.engines.sql.build import array, call, column, function_of, integer, literal, parameter, sql, texts
from rulescope.engines.sql.compiling import compile_expression
from rulescope.engines.sql.context import Context
from rulescope.engines.sql.dialect import compiles_command
from rulescope.engines.sql.frame import NO_VALUE, Cte, Frame
from rulescope.engines.sql.functions.elastic_text import written_text
from rulescope.engines.sql.matching import check_pcre
from rulescope.engines.sql.regex import pcre_pattern
from rulescope.engines.sql.schema import ROW, Schema
from rulescope.engines.sql.values import Type, Value, as_text, auto_value, multi_value, number_value
from rulescope.errors import Refusal
from rulescope.ir import stages

_IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV6 = r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|" + _IPV4 + r")?"
_HOST = r"\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*\.?(?:\b|$)"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"

GROK_PATTERNS: dict[str, str] = {
    "DATA": r".*?", "GREEDYDATA": r".*", "WORD": r"\b\w+\b", "NOTSPACE": r"\S+", "SPACE": r"\s*",
    "INT": r"[+-]?\d+", "NUMBER": _NUMBER, "BASE10NUM": _NUMBER, "POSINT": r"\b[1-9]\d*\b", "NONNEGINT": r"\b\d+\b",
    "BASE16NUM": r"[+-]?(?:0x)?[0-9A-Fa-f]+", "USERNAME": r"[A-Za-z0-9._-]+", "USER": r"[A-Za-z0-9._-]+",
    "UUID": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", "IPV4": _IPV4, "IPV6": _IPV6,
    "IP": f"(?:{_IPV6}|{_IPV4})", "HOSTNAME": _HOST, "IPORHOST": f"(?:{_IPV6}|{_IPV4}|{_HOST})",
    "HOSTPORT": f"(?:{_IPV6}|{_IPV4}|{_HOST}):\\d+", "URIPROTO": r"[A-Za-z][A-Za-z0-9+.-]*",
    "URIHOST": f"(?:{_IPV6}|{_IPV4}|{_HOST})(?::\\d+)?", "URIPATH": r"(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+",
    "QUOTEDSTRING": r"(?:\"(?:\\.|[^\\\"])*\"|'(?:\\.|[^\\'])*')", "QS": r"(?:\"(?:\\.|[^\\\"])*\"|'(?:\\.|[^\\'])*')",
    "MAC": r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", "UNIXPATH": r"(?:/[^\s/]*)+",
    "WINPATH": r"(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+", "PATH": r"(?:(?:/[^\s/]*)+|(?:[A-Za-z]:|\\)(?:\\[^\\?*]*)+)",
    "YEAR": r"\d{4}|\d{2}", "MONTHNUM": r"0?[1-9]|1[0-2]", "MONTHDAY": r"0[1-9]|[12]\d|3[01]|[1-9]",
    "HOUR": r"2[0-3]|[01]?\d", "MINUTE": r"[0-5]\d", "SECOND": r"[0-5]?\d(?:[.,]\d+)?",
    "TIMESTAMP_ISO8601": r"\d{4}-\d{2}-\d{2}[T ]\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?",
    "LOGLEVEL": r"(?i:trace|debug|notice|info|information|warn|warning|err|error|crit|critical|fatal|severe|emergency)",
    "EMAILADDRESS": r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@" + _HOST,
}  # fmt: skip
"""What the commonest of the predefined names stand for, in our own words; the names are Elastic's ("Grok basics")."""

_REFERENCE = re.compile(r"%\{(\w+)(?::([\w.@-]+))?(?::(\w+))?\}|\(\?<([A-Za-z_][\w.@-]*)>")
_NUMBER_TYPES = ("int", "long", "float", "double")


@compiles_command("grok")
def compile_grok(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """Fields out of a text by the first of the patterns that is found in it."""
    value = _input(stage, frame, context)
    patterns = [str(part.value) for part in stage.arguments if part.name == "pattern"]
    read = [_grok(pattern, stage) for pattern in patterns]
    names = list(dict.fromkeys(name for _, groups in read for name, _ in groups))
    if value is None:
        return frame.assign(dict.fromkeys(names, NO_VALUE)) if names else frame.then(frame.passed())
    assigned: dict[str, Value] = {}
    for name in names:
        node = _of_each(value, lambda text, name=name: _grok_values(text, name, read))  # type: ignore[misc]
        repeated = any(sum(one == name for one, _ in groups) > 1 for _, groups in read)
        number = any(one == name and kind in _NUMBER_TYPES for _, groups in read for one, kind in groups)
        if repeated or value.type is Type.MULTI:
            assigned[name] = multi_value(node)
        elif number:
            assigned[name] = number_value(sql("spl_number(list_extract(:x, 1))", x=node))
        else:
            assigned[name] = auto_value(sql("list_extract(:x, 1)", x=node))
    return frame.assign(assigned) if assigned else frame.then(frame.passed())


def _of_each(value: Value, values: Callable[[exp.Expression], exp.Expression]) -> exp.Expression:
    """The list of what is found in a text; in a field with several values, that of each, one after the other."""
    if value.type is not Type.MULTI:
        return values(as_text(value))
    name = parameter()
    # A text in which nothing is found has no list: flatten() leaves it out.
    return sql("spl_filled(flatten(list_transform(:x, :f)))", x=value.node, f=function_of(name, values(column(name))))


_Groups = list[tuple[str, str | None]]


def _grok_values(text: exp.Expression, name: str, read: Sequence[tuple[str, _Groups]]) -> exp.Expression:
    """What the groups of a name hold by the first of the patterns that is found in the text."""
    parts: list[exp.Expression] = []
    for before, (pattern, groups) in enumerate(read):
        places = [place for place, (one, _) in enumerate(groups, 1) if one == name]
        found = call("spl_es_groups", text, literal(pattern))
        unfound = [call("spl_es_groups", text, literal(earlier)) for earlier, _ in read[:before]]
        items = sql(
            "spl_filled(list_filter(:l, lambda v: v IS NOT NULL))",
            l=array([sql("list_extract(:f, :n)", f=found, n=integer(place)) for place in places]),
        )
        for earlier in unfound:
            items = sql("CASE WHEN :e IS NULL THEN :i END", e=earlier, i=items)
        parts.append(items)
    node = parts[0]
    for part in parts[1:]:
        node = sql("COALESCE(:a, :b)", a=node, b=part)
    return node


def _grok(pattern: str, stage: stages.Command) -> tuple[str, _Groups]:
    """The pattern as a PCRE in which only fields are groups, and each group's field and type, in order."""
    fields: _Groups = []

    def put(found: re.Match[str]) -> str:
        syntax, name, kind, own = found.groups()
        if own is not None:
            fields.append((own, None))
            return "("
        known = GROK_PATTERNS.get(syntax)
        if known is None:
            raise Refusal(f"GROK knows no pattern '{syntax}' here", span=stage.span, code="RUN039")
        if name is None:
            return f"(?:{known})"
        fields.append((name, kind))
        return f"({known})"

    # A bracket of the pattern's own would be a group without a name: it becomes one that is not counted.
    plain = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\((?!\?)", lambda found: found.group(1) or "(?:", pattern)
    written = pcre_pattern(_REFERENCE.sub(put, plain))
    check_pcre(written, stage.span)
    return written, fields


@compiles_command("dissect")
def compile_dissect(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """Fields out of a text by the texts that stand between them."""
    value = _input(stage, frame, context)
    pattern = str(stage.option("pattern"))
    names = [str(part.value) for part in stage.arguments if part.name == "output"]
    if re.search(r"%\{[*&]", pattern):
        raise Refusal("reference keys (%{*…}, %{&…}) are not supported by DISSECT", span=stage.span, code="RUN039")
    if not names:
        return frame.then(frame.passed())
    if value is None:
        return frame.assign(dict.fromkeys(names, NO_VALUE))
    separator = stage.option("append_separator")
    between = literal(separator if isinstance(separator, str) else "")

    def part(text: exp.Expression, place: int) -> exp.Expression:
        found = call("spl_es_dissect", text, literal(pattern), between, texts(names))
        return sql("list_extract(:x, :n)", x=found, n=integer(place))

    assigned: dict[str, Value] = {}
    for place, name in enumerate(names, 1):
        if value.type is Type.MULTI:
            node = _of_each(value, lambda text, place=place: sql("spl_list(:x)", x=part(text, place)))  # type: ignore[misc]
            assigned[name] = multi_value(node)
        else:
            assigned[name] = auto_value(part(as_text(value), place))
    return frame.assign(assigned)


def _input(stage: stages.Command, frame: Frame, context: Context) -> Value | None:
    value = compile_expression(stage.option("field"), frame, context)  # type: ignore[arg-type]
    return None if value.type is Type.NULL else value


@compiles_command("row")
def compile_row(stage: stages.Command, frame: Frame, context: Context) -> Frame:
    """One row with the values given; later ones see earlier ones."""
    name = frame.program.name(frame.stage)
    source = sql("SELECT 1 FROM range(1) AS r(i)")
    frame.program.add(Cte(name, {ROW: sql("CAST(i AS BIGINT)")}, source, frame.stage))  # type: ignore[arg-type]
    rows = Frame(frame.program, name, Schema({}, {}), frame.stage)
    for argument in stage.arguments:
        value = compile_expression(argument.value, rows, context)  # type: ignore[arg-type]
        if value.type is Type.BOOL:
            value = auto_value(written_text(value))
        rows = rows.assign({argument.name or "": NO_VALUE if value.type is Type.NULL else value})
    return rows
