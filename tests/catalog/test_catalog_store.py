from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.catalog.build import build_catalog
from rulescope.catalog.reference import schema_reference
from rulescope.catalog.store import named_queries, open_catalog
from rulescope.errors import CatalogError, NotFoundError


@pytest.fixture
def catalog(repository: Path, tmp_path: Path) -> Path:
    build_catalog([repository], tmp_path / "c", processes=1)
    return tmp_path / "c"


def test_the_reference_page_says_what_the_schema_says(project: Path) -> None:
    page = project / "docs/reference/catalog.md"
    assert page.read_text(encoding="utf-8") == schema_reference(), (
        "write it again: python -m rulescope.catalog.reference > docs/reference/catalog.md"
    )


def test_every_table_and_column_is_in_the_reference(catalog: Path) -> None:
    page = schema_reference()
    with open_catalog(catalog) as opened:
        tables = opened._connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
            " AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'rule_text_%'"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in map(tuple, tables):
            assert f"## `{table}`" in page
            for column in opened._connection.execute("SELECT name FROM pragma_table_info(?)", (table,)):
                assert column["name"] in page


def test_every_named_query_runs(catalog: Path) -> None:
    texts = dict.fromkeys(("name", "slug", "technique_id", "tactic", "provider_slug", "words", "code"), "x")
    numbers = dict.fromkeys(("rule_id", "macro_id", "event_key", "field_id", "limit", "derived"), 1)
    with open_catalog(catalog) as opened:
        for name in named_queries():
            list(opened.rows(name, **texts, **numbers))


def test_a_catalogue_is_opened_for_reading_only(catalog: Path) -> None:
    with open_catalog(catalog) as opened, pytest.raises(Exception, match="readonly"):
        opened._connection.execute("DELETE FROM rule")


def test_errors_say_what_is_the_matter(tmp_path: Path, catalog: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no catalogue"):
        open_catalog(tmp_path / "nowhere")
    with pytest.raises(NotFoundError):
        open_catalog(tmp_path)
    text = tmp_path / "text"
    text.write_text("hello")
    with pytest.raises(CatalogError, match="not a catalogue"):
        open_catalog(text)


def test_a_record_that_was_tampered_with_is_an_error_and_runs_nothing(catalog: Path) -> None:
    import sqlite3

    with sqlite3.connect(catalog) as connection:
        connection.execute("UPDATE rule SET record = ?", (b"\x80\x04cos\nsystem\n",))
    with open_catalog(catalog) as opened, pytest.raises(CatalogError, match="can't be read"):
        opened.record(1)
