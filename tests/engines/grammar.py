"""Random texts out of a grammar that is data: `grammars/<language>.toml`.

A key is a kind of part, its list are the forms that it may have; `<kind>` in a form stands for a part of that kind. The
first forms are the simplest, to which a disagreement is shrunk. A part that is nested too deeply is one without parts.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from hypothesis import strategies as st

FOLDER = Path(__file__).with_name("grammars")
_PART = re.compile(r"<([a-z_0-9]+)>")
Grammar = dict[str, list[str]]


def grammar_of(language: str) -> Grammar:
    """The grammar of a language. Raises `KeyError` where a form names a kind that there is none of."""
    found: Grammar = tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
    for forms in found.values():
        for form in forms:
            for name in parts_of(form):
                found[name]
    return found


def parts_of(form: str) -> list[str]:
    """The kinds of the parts of a form."""
    return _PART.findall(form)


@st.composite
def texts(draw: st.DrawFn, grammar: Grammar, kind: str = "rule", depth: int = 5) -> str:
    """Texts of a kind."""
    forms = grammar[kind]
    if depth <= 0:
        forms = [form for form in forms if not parts_of(form)] or forms[:1]
    form = draw(st.sampled_from(forms))
    return _PART.sub(lambda part: draw(texts(grammar, part[1], depth - 1)), form)
