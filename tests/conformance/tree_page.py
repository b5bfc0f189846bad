"""The page `docs/reference/tree.md`: which languages make which stages and operators of the tree, by the cases.

Run as a program, it writes the page.
"""

from __future__ import annotations

import inspect
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from rulescope import ir
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.registry import LANGUAGES, parser_of
from rulescope.text import Source

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "reference" / "tree.md"

WITHOUT_CASE = {
    "MacroStage": "spl, where a macro has no definition",
    "MachineLearning": "Elastic's rule files",
    "NewTerms": "Elastic's rule files",
    "Suppress": "Elastic's rule files",
    "ThreatMatch": "Elastic's rule files",
    "Threshold": "Elastic's rule files",
    "TableRows": "binding a rule of a language over tables to logs",
}
"""Stages that no case has, and what puts them into a pipeline."""

_HEAD = """# Which languages make which parts of the tree

<!-- Made from the cases in conformance/; `python tests/conformance/tree_page.py` makes it anew. -->

A part that one language alone makes has that language's meaning (SPL's `Binary` types its operands as `eval` does).
What several make means the same in all of them, or what their dialect (`engines/sql/dialect.py`) says of it.
"""


def texts() -> Iterator[tuple[str, str]]:
    """The language and the text of every case."""
    for language in sorted(LANGUAGES):
        for path in sorted((PROJECT / "conformance" / language).glob("*.toml")):
            for case in tomllib.loads(path.read_text("utf-8")).get("case", []):
                text = next((case[key] for key in ("search", "query", "rule") if isinstance(case.get(key), str)), None)
                if text is not None:
                    yield language, text


def made() -> dict[str, dict[str, set[str]]]:
    """By kind of part (stages, commands, operators, comparisons) and name, the languages that make it."""
    found: dict[str, dict[str, set[str]]] = {
        part: defaultdict(set) for part in ("stages", "commands", "operators", "comparisons")
    }
    for language, text in texts():
        for node in walk(parser_of(language)(Source(text), None).expanded):
            if isinstance(node, stages.Command):
                found["commands"][node.name].add(language)
            if isinstance(node, ir.Stage):
                found["stages"][type(node).__name__].add(language)
            elif isinstance(node, ir.Binary):
                found["operators"][node.operator].add(language)
            elif isinstance(node, ir.Compare):
                found["comparisons"][node.kind].add(language)
    return found


def stage_names() -> set[str]:
    """The names of all classes of stages."""
    return {
        name
        for name, kind in inspect.getmembers(stages, inspect.isclass)
        if issubclass(kind, ir.Stage) and kind is not ir.Stage
    }


def _rows(languages: dict[str, set[str]]) -> Iterator[str]:
    by_languages: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, makers in languages.items():
        by_languages[tuple(sorted(makers))].append(name)
    for makers, names in sorted(by_languages.items(), key=lambda item: (len(item[0]), item[0])):
        yield f"| {', '.join(makers)} | {_listed(names)} |"


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in sorted(names))


def render_page() -> str:
    """The page as the cases have it."""
    found = made()
    lines = [_HEAD]
    for part, title in (
        ("stages", "Stages"),
        ("commands", "Stages without a class of their own (`Command`)"),
        ("operators", "Operators of `Binary`"),
        ("comparisons", "Kinds of `Compare`"),
    ):
        lines += [f"## {title}", "", "| made by | names |", "|---|---|", *_rows(found[part]), ""]
    lines += ["## Stages that no case has", "", "| made by | names |", "|---|---|"]
    makers = sorted(set(WITHOUT_CASE.values()))
    lines += [f"| {one} | {_listed(name for name, maker in WITHOUT_CASE.items() if maker == one)} |" for one in makers]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
