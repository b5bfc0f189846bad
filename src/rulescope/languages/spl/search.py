"""The predicates of the `search` command, of tstats' WHERE, and of searchmatch().

Precedence: brackets, then NOT, then OR, then AND; blanks are AND (Search Reference, "search", Boolean expressions).
"""

from __future__ import annotations

import re

from rulescope.ir.expressions import Subsearch
from rulescope.ir.predicates import (
    And,
    Not,
    Or,
    Predicate,
    Term,
    TimeBound,
)
from rulescope.languages.spl.arguments import ArgumentReader
from rulescope.languages.spl.comparisons import compare
from rulescope.languages.spl.reader import unescape
from rulescope.languages.spl.search_values import (
    BARE_VALUE,
    DIRECTIVE,
    TIME_MODIFIERS,
    bare_value,
    computed_comparison,
    distributed,
    listed_values,
)
from rulescope.languages.spl.times import written_time
from rulescope.text import Span

_WORD = re.compile(r"[^\s\"()\[\]|`,=<>!]+(?:!(?!=)[^\s\"()\[\]|`,=<>!]*)*|!(?!=)[^\s\"()\[\]|`,=<>!]*")
_OPERATOR = re.compile(r"\s*(==|!=|<=|>=|=|<|>)\s*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_SINGLE_FIELD = re.compile(r"'([^'\n]*)'(?=\s*(?:=|!=|<|>|IN\s*\())")
_AFTER_PIPES = frozenset(
    {
        "append", "bin", "chart", "dedup", "eval", "eventstats", "fields", "fillnull", "join",
        "makemv", "mvexpand", "rename", "rex", "sort", "spath", "stats", "streamstats", "table", "timechart",
        "transaction", "tstats", "where",
    }
)  # fmt: skip
"""Commands whose names, among the words of a search, are most likely meant as commands."""
_WORK = re.compile(r"""\s+(?!(?:AND|OR|NOT)\b)[A-Za-z_"'$+-]""")
_DIRECTIVE_ANY_CASE = re.compile(r"(term|case)\(", re.IGNORECASE)
_IN = re.compile(r"\s*(NOT\s+)?IN\s*\(", re.IGNORECASE)
_INDEXED = re.compile(r"([A-Za-z_][\w.]*)::(.*)", re.DOTALL)
_EMPTY_BRACKETS = re.compile(r"\(\s*\)")


def parse_predicate(arguments: ArgumentReader, stop: tuple[str, ...] = ()) -> Predicate | None:
    """The condition that stands here, up to the end or one of the words in `stop`; None if there is nothing."""
    arguments.skip_separators()
    if arguments.at_end() or any(arguments.at_keyword(word) for word in stop):
        return None
    return _and(arguments, stop)


def _stops(arguments: ArgumentReader, stop: tuple[str, ...]) -> bool:
    arguments.skip_separators()
    if arguments.position >= arguments.end or arguments.text[arguments.position] in ")]":
        return True
    return any(arguments.at_keyword(word) for word in stop)


def _upper(arguments: ArgumentReader, word: str) -> bool:
    """Whether the Boolean operator `word` stands here: in capitals, as a whole word."""
    arguments.skip_separators()
    position = arguments.position
    stop = position + len(word)
    if arguments.text[position:stop] != word or stop > arguments.end:
        return False
    after = arguments.text[stop] if stop < arguments.end else " "
    return after in ' \t\r\n()[]"`,|'


def _and(arguments: ArgumentReader, stop: tuple[str, ...]) -> Predicate:
    arguments.skip_separators()
    start = arguments.position
    operands = [_or(arguments, stop)]
    while True:
        if _stops(arguments, stop):
            break
        if _upper(arguments, "AND"):
            at = arguments.position
            arguments.position += 3
            if _stops(arguments, stop):
                _dangling(arguments, "AND", at)
                break
        operands.append(_or(arguments, stop))
    return operands[0] if len(operands) == 1 else And(tuple(operands), _whole(arguments, start, operands[-1]))


def _or(arguments: ArgumentReader, stop: tuple[str, ...]) -> Predicate:
    start = arguments.position
    operands = [_not(arguments, stop)]
    while _upper(arguments, "OR"):
        at = arguments.position
        arguments.position += 2
        if _stops(arguments, stop):
            _dangling(arguments, "OR", at)
            break
        operands.append(_not(arguments, stop))
    return operands[0] if len(operands) == 1 else Or(tuple(operands), _whole(arguments, start, operands[-1]))


def _dangling(arguments: ArgumentReader, word: str, at: int) -> None:
    arguments.fail(
        "SPL013", f"{word} has nothing on its right", at, at + len(word), hint="remove it, or add a condition"
    )


def _whole(arguments: ArgumentReader, start: int, last: Predicate) -> Span:
    """The span from `start` to where the last thing read ended: here, less the white space that was skipped."""
    position = arguments.position
    while position > start and arguments.text[position - 1] in " \t\r\n,":
        position -= 1
    return arguments.span(start, position).union(last.span)


def _not(arguments: ArgumentReader, stop: tuple[str, ...]) -> Predicate:
    arguments.skip_separators()
    start = arguments.position
    turned = 0
    while _upper(arguments, "NOT"):
        arguments.position += 3
        turned += 1
        if _stops(arguments, stop):
            _dangling(arguments, "NOT", start)
    for word in ("OR", "AND"):
        if _upper(arguments, word):
            arguments.fail(
                "SPL013", f"{word} has nothing on its left", arguments.position, arguments.position + len(word)
            )
    if not turned:
        return _primary(arguments, stop)
    result = arguments.parser.nested(arguments, turned, lambda: _primary(arguments, stop))
    for _ in range(turned):
        result = Not(result, _whole(arguments, start, result))
    return result


def _primary(arguments: ArgumentReader, stop: tuple[str, ...]) -> Predicate:
    arguments.skip_separators()
    start = arguments.position
    character = arguments.text[start] if start < arguments.end else ""
    if character == "(":
        arguments.position += 1
        arguments.skip_separators()
        if arguments.accept(")"):
            return Term("*", None, False, arguments.span(start))
        inner = arguments.parser.nested(arguments, 1, lambda: _and(arguments, ()))
        arguments.close(start)
        return inner
    if character == ")":
        arguments.fail("SPL004", "unbalanced parenthesis: this ')' closes nothing", start, start + 1)
    if character == "[":
        if not arguments.at_subsearch():
            arguments.fail("SPL003", "unbalanced bracket", start, start + 1)
        pipeline = arguments.subsearch()
        return Subsearch(pipeline, arguments.span(start))
    if character == "`":
        return arguments.macro()
    if character == '"':
        return _quoted(arguments)
    if character == "'":
        name = _SINGLE_FIELD.match(arguments.text, start, arguments.end)
        if name:
            arguments.position = name.end()
            return _comparison(arguments, name.group(1), start)
    directive = DIRECTIVE.match(arguments.text, start, arguments.end)
    if directive:
        arguments.position = directive.end()
        inside = arguments.parenthesised().strip()
        quoted = len(inside) >= 2 and inside[0] == '"' == inside[-1]
        text = unescape(inside[1:-1]) if quoted else inside
        return Term(text, "TERM" if directive.group(1) == "TERM" else "CASE", quoted, arguments.span(start))
    word = _WORD.match(arguments.text, start, arguments.end)
    if word:
        arguments.position = word.end()
        return _after_word(arguments, word.group(), start)
    operator = _OPERATOR.match(arguments.text, start, arguments.end)
    if operator:
        arguments.fail(
            "SPL014",
            f"a comparison needs a field on the left of '{operator.group(1)}'",
            start,
            operator.end(),
        )
    return arguments.expected("a condition")


def _quoted(arguments: ArgumentReader) -> Predicate:
    start = arguments.position
    found = _QUOTED.match(arguments.text, start, arguments.end)
    if not found:
        arguments.fail("SPL001", "unbalanced quote: this text is not closed", start, start + 1)
    arguments.position = found.end()
    text = unescape(found.group(1))
    if _OPERATOR.match(arguments.text, arguments.position, arguments.end) or _in_list(arguments):
        return _comparison(arguments, text, start)
    return Term(text, None, True, arguments.span(start))


def _in_list(arguments: ArgumentReader) -> re.Match[str] | None:
    return _IN.match(arguments.text, arguments.position, arguments.end)


def _after_word(arguments: ArgumentReader, word: str, start: int) -> Predicate:
    if _OPERATOR.match(arguments.text, arguments.position, arguments.end) or (
        word not in ("NOT", "AND", "OR") and _in_list(arguments)
    ):
        return _comparison(arguments, word, start)
    finish = arguments.position
    indexed = _INDEXED.fullmatch(word)
    if indexed:
        return _indexed(arguments, indexed, start)
    lower = word.lower()
    if lower in ("or", "and", "not") and word != lower.upper():
        arguments.note(
            "SPL015",
            f"'{word}' is looked for as a word here: Boolean operators of search are in capitals",
            start,
            hint=f"write {word.upper()}",
        )
    elif arguments.peek() == "(" and _DIRECTIVE_ANY_CASE.match(arguments.text, start, arguments.end):
        arguments.note(
            "SPL015",
            f"'{word}(' is no directive: {word.upper()} is written in capitals",
            start,
            hint=f"write {word.upper()}(",
        )
    elif word in _AFTER_PIPES and _as_command(arguments, start, finish):
        arguments.note(
            "SPL055",
            f"'{word}' is looked for as a word here: commands stand behind a pipe",
            start,
            hint=f'write | {word} for the command, or "{word}" for the word',
        )
    return Term(unescape(word), None, False, arguments.span(start, finish))


def _as_command(arguments: ArgumentReader, start: int, finish: int) -> bool:
    """Whether a word stands as a command would: behind other words, and before a word that it could work on."""
    before = arguments.text[:start]
    return bool(before[max(before.rfind("|"), before.rfind("[")) + 1 :].strip()) and bool(
        _WORK.match(arguments.text, finish, arguments.end)
    )


def _indexed(arguments: ArgumentReader, word: re.Match[str], start: int) -> Predicate:
    """`field::value`: a comparison with an indexed field (Search Manual, "Use fields to retrieve events")."""
    at = start + word.start(2)
    text = unescape(word.group(2))
    if not text and arguments.text.startswith('"', arguments.position, arguments.end):
        text = arguments.quoted() or ""
    if not text:
        return Term(unescape(word.group()), None, False, arguments.span(start))
    return compare(word.group(1), "=", text, arguments.span(start), arguments.span(at))


def _comparison(arguments: ArgumentReader, field: str, start: int) -> Predicate:
    listed = _in_list(arguments)
    if listed:
        if "IN" not in listed.group():
            word = arguments.position + listed.group().lower().rindex("in")
            arguments.note("SPL015", "IN is written in capitals in search", word, word + 2, hint="write IN")
        arguments.position = listed.end()
        inside = listed_values(arguments, field, start)
        return Not(inside, inside.span) if listed.group(1) else inside
    operator = _OPERATOR.match(arguments.text, arguments.position, arguments.end)
    if not operator:
        arguments.expected("a comparison")
    arguments.position = operator.end()
    sign = operator.group(1)
    if sign == "==":
        arguments.note(
            "SPL016", "search compares with a single '='", operator.start(1), operator.end(1), hint="write ="
        )
        sign = "="
    return _value(arguments, field, sign, start)


def _value(arguments: ArgumentReader, field: str, sign: str, start: int) -> Predicate:
    at = arguments.position
    character = arguments.text[at] if at < arguments.end else ""
    if character == '"':
        found = _QUOTED.match(arguments.text, at, arguments.end)
        if not found:
            arguments.fail("SPL001", "unbalanced quote: this text is not closed", at, at + 1)
        arguments.position = found.end()
        if field.lower() in TIME_MODIFIERS and sign == "=":
            return TimeBound(field, written_time(unescape(found.group(1))), arguments.span(start))
        return compare(field, sign, unescape(found.group(1)), arguments.span(start), arguments.span(at))
    if character == "(":
        arguments.position += 1
        operand = arguments.parser.nested(arguments, 1, lambda: _and(arguments, ()))
        inner = distributed(arguments, operand, field, sign)
        arguments.close(at)
        return inner
    if character == "`":
        macro = arguments.macro()
        return computed_comparison(field, sign, macro, arguments.span(start))
    if character == "[" and arguments.at_subsearch():
        pipeline = arguments.subsearch()
        return computed_comparison(field, sign, Subsearch(pipeline, arguments.span(at)), arguments.span(start))
    directive = DIRECTIVE.match(arguments.text, at, arguments.end)
    if directive:
        arguments.position = directive.end()
        text = arguments.parenthesised().strip().strip('"')
        exact = directive.group(1) == "CASE"
        return compare(field, sign, unescape(text), arguments.span(start), arguments.span(at), ignore_case=not exact)
    bare = BARE_VALUE.match(arguments.text, at, arguments.end)
    if not bare:
        arguments.fail(
            "SPL014",
            f"a comparison needs a value on the right of '{sign}'",
            start,
            max(at, start + 1),
            hint='compare with "" for the empty text, with * for any value',
        )
    text = bare_value(arguments, bare)
    if field.lower() in TIME_MODIFIERS and sign == "=":
        empty = _EMPTY_BRACKETS.match(arguments.text, arguments.position, arguments.end)
        if empty:
            # latest=now() is read as latest=now (practice).
            arguments.position = empty.end()
        return TimeBound(field, written_time(text), arguments.span(start))
    return compare(field, sign, text, arguments.span(start), arguments.span(at))
