"""Random conditions of any language: its comparisons, put together by its words for and, or, and not."""

from __future__ import annotations

from hypothesis import strategies as st


def conditions(
    leaf: st.SearchStrategy[str], both: str = "and", either: str = "or", contrary: str = "not ({})"
) -> st.SearchStrategy[str]:
    """Conditions of up to five comparisons."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {both} {pair[1]})"),
            st.tuples(inner, inner).map(lambda pair: f"({pair[0]} {either} {pair[1]})"),
            inner.map(contrary.format),
        ),
        max_leaves=5,
    )


def one_of(*texts: str) -> st.SearchStrategy[str]:
    """One of some texts."""
    return st.sampled_from(texts)


def filled(template: str, **parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A template with a random text for each of its names."""
    return st.fixed_dictionaries(parts).map(lambda found: template.format(**found))
