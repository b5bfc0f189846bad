"""Nothing of a query drops out unread: a token that is left out, made another word or put in, makes another tree, or is
said.

A part that was not read would be taken as if it were not there, and the rule would find more than its author asked for.
What means nothing to a language is listed in `neutral_tokens.toml`, each with its reason.
"""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import pytest
from damages import Damaging, has_comment
from mangling import seeds

from rulescope.corpus import read_corpus

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples" / "rules"
EXAMPLES: dict[str, list[str]] = tomllib.loads((HERE / "spl" / "commands.toml").read_text("utf-8"))["examples"]
NEUTRAL: dict[str, list[dict[str, str]]] = tomllib.loads((HERE / "neutral_tokens.toml").read_text("utf-8"))
LANGUAGES = ("spl", "eql", "kuery", "lucene", "esql", "kusto", "snowflake")
SIGNS = (",", "(", ")", "[", "]", "{", "}", '"', "|", "=", "==", ":", ".", "and", "or", "not", "5", '"q"', "zzz", "by")
LONGEST = 1_500
"""Characters of a query of the corpora that is damaged: longer ones have nothing that the others lack."""


def whole_queries(language: str) -> list[str]:
    """The queries of our own cases and samples in which every character counts: those without comments."""
    texts = seeds(language)
    if language == "spl":
        texts += [one if one.startswith("|") else f"index=main | {one}" for many in EXAMPLES.values() for one in many]
        texts += [rule.source.text for rule in read_corpus([SAMPLES]).rules if rule.info.language == "spl"]
    return [text for text in dict.fromkeys(texts) if text.strip() and not has_comment(text)]


@pytest.fixture(scope="module")
def corpora(shared: Path) -> dict[str, list[str]]:
    """The queries of the corpora, by language."""
    found: dict[str, list[str]] = {}
    for name in ("armory", "elastic", "kusto_hunting", "security_content"):
        for rule in read_corpus([shared / "rules" / name]).rules:
            found.setdefault(rule.info.language, []).append(rule.source.text)
    return found


def some_queries(language: str, texts: list[str]) -> list[str]:
    """Some of the queries, without comments."""
    fit = [text for text in dict.fromkeys(texts) if len(text) <= LONGEST and text.strip() and not has_comment(text)]
    return random.Random(language).sample(fit, min(200, len(fit)))


def damaging(language: str, texts: list[str]) -> Damaging:
    return Damaging(language, texts, SIGNS, [one["damage"] for one in NEUTRAL.get(language, [])])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_token_counts(language: str) -> None:
    made = damaging(language, whole_queries(language))
    assert len(made.whole) > 100
    found = made.sample(500, f"tokens of {language}")
    assert made.tried >= 500
    assert [str(one) for one in found] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_many_tokens_count(language: str) -> None:
    made = damaging(language, whole_queries(language))
    assert [str(one) for one in made.sample(2_500, f"many tokens of {language}")] == []


# Lucene has too few rules of its own in the corpora.
@pytest.mark.slow
@pytest.mark.corpus
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "lucene"])
def test_every_token_of_the_corpora_counts(language: str, corpora: dict[str, list[str]]) -> None:
    made = damaging(language, some_queries(language, corpora[language]))
    assert len(made.whole) > 20
    assert [str(one) for one in made.sample(500, f"tokens of the corpora in {language}")] == []


def test_what_is_neutral_has_its_reason() -> None:
    assert set(NEUTRAL) <= set(LANGUAGES)
    listed = [one for many in NEUTRAL.values() for one in many]
    assert all(one["why"].endswith(".") and one["damage"] for one in listed)
