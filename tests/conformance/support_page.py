"""The page `docs/reference/spl/support.md`: which commands and functions run, made from the engine and the cases.

Run as a program, it writes the page.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rulescope import ir
from rulescope.engines.sql.dialect import dialect_of
from rulescope.engines.sql.stages.commands import PASSED_ON, REFUSED
from rulescope.ir import stages
from rulescope.ir.walk import walk
from rulescope.languages.spl import parse_search
from rulescope.languages.spl.commands import find_command
from rulescope.languages.spl.commands.apps import APP_COMMANDS
from rulescope.languages.spl.commands.names import ALIASES
from rulescope.languages.spl.commands.names import COMMANDS as NAMES

SPL = dialect_of("spl")
PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "reference" / "spl" / "support.md"

_NOTES = {
    "collect": "passes its rows on; writes them only where a folder to write to is given",
    "fieldformat": "results keep the values: it only changes how they are shown",
    "iplocation": "needs a file in MaxMind's format; without one its fields have no values",
    "metadata": "counts the events of the files given",
    "outputcsv": "passes its rows on; writes them only where a folder to write to is given",
    "outputlookup": "passes its rows on; writes them only where a folder to write to is given",
    "tags": "adds nothing: files define no tags",
    "datamodel": "the events of a data set; not its definition",
    "from": "data models, lookups and indexes; not saved searches",
    "union": "subsearches; not named data sets",
    "map": "a search that is written out; not a saved one",
}
_HEAD = """# Which commands and functions run

<!-- Made from the engine's tables and conformance/spl/; `python tests/conformance/support_page.py` makes it anew. -->

*Cases* counts those of `conformance/spl/` that use the command or function. A command that is refused ends the search
with its name, its place and the reason; its stage is never left out.
"""


def command_of(stage: ir.Stage) -> str:
    """The name of a stage's command."""
    if isinstance(stage, stages.Top):
        return "rare" if stage.rare else "top"
    kind = ir.stage_kind(stage)
    return "bin" if kind == "bucket" else kind


def searches() -> Iterator[ir.Pipeline]:
    """The pipeline of every case."""
    for path in sorted((PROJECT / "conformance" / "spl").glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8")).get("case", []):
            yield parse_search(case["search"]).pipeline


def count_uses() -> tuple[Counter[str], Counter[str], Counter[str]]:
    """How many cases use each command, function of eval, and function of stats."""
    commands: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    aggregates: Counter[str] = Counter()
    for pipeline in searches():
        nodes = list(walk(pipeline))
        commands.update({command_of(node) for node in nodes if isinstance(node, stages.Stage)})
        functions.update({node.function for node in nodes if isinstance(node, ir.Call)})
        aggregates.update({node.function for node in nodes if isinstance(node, stages.Aggregate)})
    return commands, functions, aggregates


def state_of(name: str) -> tuple[str, str]:
    """Whether a command runs, and what is to be said of it."""
    if name in REFUSED:
        return "refused", REFUSED[name]
    if name in PASSED_ON:
        return "passes rows on", PASSED_ON[name]
    typed = {("bin" if kind.kind == "bucket" else kind.kind) for kind in SPL.stages} | {"rare"}
    if name in typed or name in SPL.commands:
        return "runs", _NOTES.get(name, "")
    return "refused", "is not supported"


def render_page() -> str:
    """The text of the page."""
    commands, functions, aggregates = count_uses()
    names = sorted({*NAMES, *APP_COMMANDS})
    aliases: dict[str, list[str]] = {}
    for alias, name in ALIASES.items():
        aliases.setdefault(name, []).append(alias)
    states = {name: state_of(name) for name in names}
    counts = Counter(state for state, _ in states.values())
    out = [_HEAD]
    out.append(
        f"Of {len(names)} commands {counts['runs']} run, {counts['passes rows on']} pass their rows on as they are, and"
        f" {counts['refused']} are refused.\n"
    )
    out += ["## Commands\n", "| command | on files | cases | remarks |", "|---|---|---|---|"]
    for name in names:
        state, remark = states[name]
        syntax = find_command(name)
        also = f" (also {', '.join(f'`{alias}`' for alias in sorted(aliases[name]))})" if name in aliases else ""
        said = remark or (syntax.summary if syntax is not None else "")
        out.append(f"| `{name}`{also} | {state} | {commands[name] or ''} | {_cell(said)} |")
    out += ["\n## Functions of eval and where\n", "| function | on files | cases | remarks |", "|---|---|---|---|"]
    for name in sorted({*SPL.functions, *SPL.refused}):
        reason = SPL.refused.get(name) if name not in SPL.functions else None
        state = "refused" if reason else "runs"
        out.append(f"| `{name}` | {state} | {functions[name] or ''} | {_cell(reason or '')} |")
    out += ["\n## Functions of stats and its relatives\n", "| function | cases |", "|---|---|"]
    out += [f"| `{name}` | {count} |" for name, count in sorted(aggregates.items())]
    return "\n".join(out) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render_page(), encoding="utf-8")
