"""Writing a site: only what changed, nothing of others, nothing where it does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulescope.catalog.build import build_catalog
from rulescope.errors import CatalogError, InputError, NotFoundError
from rulescope.web import export_site
from rulescope.web.output import MANIFEST, SiteFolder
from sample_rules import FILES, NET, write_repository


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    write_repository(tmp_path / "shop", FILES)
    build_catalog([tmp_path / "shop"], tmp_path / "catalog", processes=1)
    return tmp_path / "catalog"


def times(site: Path) -> dict[str, int]:
    return {str(path.relative_to(site)): path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}


def test_an_unchanged_site_is_left_alone(catalog: Path, tmp_path: Path) -> None:
    first = export_site(catalog, tmp_path / "site", processes=1)
    before = times(tmp_path / "site")
    again = export_site(catalog, tmp_path / "site", processes=1)
    assert first.changed
    assert not again.changed
    assert times(tmp_path / "site") == before
    assert first.files == again.files == len(before) - 1  # the list of the files is not in the list


def test_a_lost_file_is_made_again(catalog: Path, tmp_path: Path) -> None:
    export_site(catalog, tmp_path / "site", processes=1)
    lost = tmp_path / "site" / "rules" / "net-splunk-sysmon.html"
    content = lost.read_bytes()
    lost.unlink()
    assert export_site(catalog, tmp_path / "site", processes=1).changed
    assert lost.read_bytes() == content


def test_only_files_that_differ_are_written_and_ours_alone_removed(catalog: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    apart = "id: '9'\ntitle: Apart\nlogic_format: Splunk\nlogic: 'index=z name=apart'\n"
    write_repository(tmp_path / "shop", {"apart/apart/apart-splunk-unix.yml": apart})
    build_catalog([tmp_path / "shop"], catalog, processes=1)
    export_site(catalog, site, processes=1)
    (site / "CNAME").write_text("rules.example\n")
    (site / "rules" / "mine.html").write_text("mine")
    before = times(site)
    (tmp_path / "shop" / "detections" / "whoami-splunk-sysmon.yml").unlink()
    build_catalog([tmp_path / "shop"], catalog, processes=1)
    export_site(catalog, site, processes=1)
    after = times(site)
    assert "rules/whoami-splunk-sysmon.html" not in after
    assert "rules/whoami-splunk-sysmon.json" not in after
    assert {"CNAME", "rules/mine.html"} <= after.keys()
    for name in ("rules/apart-splunk-unix.html", "static/site.css", "rules/mine.html"):
        assert after[name] == before[name]


def test_two_processes_write_the_same_site(catalog: Path, tmp_path: Path) -> None:
    for number in range(60):
        name = f"detections/many_{number}-splunk-sysmon.yml"
        write_repository(tmp_path / "shop", {name: NET.replace("100.2", f"200.{number}")})
    build_catalog([tmp_path / "shop"], catalog, processes=1)
    told: list[tuple[int, int]] = []
    export_site(catalog, tmp_path / "one", processes=1)
    export_site(catalog, tmp_path / "two", lambda done, total: told.append((done, total)), processes=2)
    contents = [
        {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}
        for site in (tmp_path / "one", tmp_path / "two")
    ]
    assert contents[0] == contents[1]
    assert told[0] == (0, 65)
    assert told[-1] == (65, 65)


def test_a_folder_of_something_else_is_not_touched(catalog: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "index.html").write_text("precious")
    with pytest.raises(InputError, match="nothing is written"):
        export_site(catalog, other, processes=1)
    assert [path.name for path in other.iterdir()] == ["index.html"]
    assert (other / "index.html").read_text() == "precious"
    with pytest.raises(InputError, match="is a file"):
        export_site(catalog, catalog, processes=1)


def test_without_a_catalogue_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        export_site(tmp_path / "none", tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_damaged_list_of_files_costs_no_file_of_others(catalog: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    export_site(catalog, site, processes=1)
    (tmp_path / "outside").write_text("precious")
    (site / MANIFEST).write_text('{"made_from":"x","files":{"../outside":8,"rules/../../outside":8}}')
    export_site(catalog, site, processes=1)
    assert (tmp_path / "outside").read_text() == "precious"
    (site / MANIFEST).write_text("{nonsense")
    assert export_site(catalog, site, processes=1).changed


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", ".hidden", "a//b", "a/b c", "ä", "x" * 300, ""])
def test_a_catalogue_of_a_stranger_can_not_write_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError):
        SiteFolder(tmp_path).write(name, b"")
    assert not list(tmp_path.iterdir())
