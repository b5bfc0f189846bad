from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from rulescope.api.pages import macro_page
from rulescope.api.rules import rule_page
from rulescope.api.view import open_view
from rulescope.catalog import build as build_module
from rulescope.catalog.build import build_catalog
from rulescope.catalog.store import open_catalog
from rulescope.corpus import RuleFile
from rulescope.errors import CatalogError, NotFoundError
from rulescope.ir import RuleInfo
from rulescope.text import Source
from sample_rules import FILES, MACRO, NET, WHOAMI, write_repository


def statuses(catalog: Path) -> dict[str, str]:
    with open_catalog(catalog) as opened:
        return {row["path"]: row["parse"] for row in opened.rows("links")}


def test_every_rule_has_a_row_also_those_that_could_not_be_read(repository: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    report = build_catalog([repository], catalog)
    assert report.rules == 5
    assert statuses(catalog) == {
        "shop/detections/whoami-splunk-sysmon.yml": "full",
        "shop/detections/net-splunk-sysmon.yml": "full",
        "shop/detections/partial-splunk-sysmon.yml": "partial",
        "shop/detections/broken-splunk-sysmon.yml": "failed",
        "shop/detections/other-sumo-sysmon.yml": "failed",
    }


def test_a_broken_part_of_a_file_is_a_row_of_its_own_in_every_build(tmp_path: Path) -> None:
    sound = "title: A\nlogsource: {product: windows}\ndetection: {s: {Image: x}, condition: s}\n"
    folder = write_repository(tmp_path / "rules", {"a.yml": f"{sound}---\ntitle: {{\n", "b.yml": sound})
    catalog = tmp_path / "c"
    # What could not be read may have been a filter for the rule before it, which therefore is not full.
    expected = {"rules/a.yml": "partial", "rules/a.yml#line 6": "failed", "rules/b.yml": "full"}
    build_catalog([folder], catalog)
    assert statuses(catalog) == expected
    with open_view(catalog) as view:
        (link,) = [link for link in view.all_links() if link.path == "rules/a.yml#line 6"]
        assert [found.code for found in rule_page(view, link.slug).diagnostics] == ["RUL003"]
    # The second build keeps what it knows of the file.
    (folder / "b.yml").write_text(sound + "# changed\n")
    assert build_catalog([folder], catalog).files_read == 1
    assert statuses(catalog) == expected


def test_the_same_rules_give_the_same_bytes(repository: Path, tmp_path: Path) -> None:
    first, second, spread = tmp_path / "first", tmp_path / "second", tmp_path / "spread"
    build_catalog([repository], first, processes=1)
    build_catalog([repository], second, processes=1)
    build_catalog([repository], spread, processes=2)
    assert first.read_bytes() == second.read_bytes() == spread.read_bytes()


def test_without_a_change_the_catalogue_is_left_alone(repository: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    assert build_catalog([repository], catalog).changed
    before = catalog.stat()
    report = build_catalog([repository], catalog)
    after = catalog.stat()
    assert not report.changed
    assert (report.rules, report.files_read, report.rules_read) == (5, 0, 0)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_second_build_reads_only_what_changed_and_gives_what_a_first_one_would(
    repository: Path, tmp_path: Path
) -> None:
    catalog, cold = tmp_path / "c", tmp_path / "cold"
    build_catalog([repository], catalog)
    changed = repository / "detections/net-splunk-sysmon.yml"
    changed.write_text(NET.replace("net user", "net group"), encoding="utf-8")
    (repository / "detections/partial-splunk-sysmon.yml").unlink()
    report = build_catalog([repository], catalog)
    assert (report.files_read, report.rules_read, report.rules) == (1, 1, 4)
    build_catalog([repository], cold)
    assert catalog.read_bytes() == cold.read_bytes()


def test_a_macro_that_changes_has_the_rules_that_call_it_read_again(repository: Path, tmp_path: Path) -> None:
    catalog, cold = tmp_path / "c", tmp_path / "cold"
    build_catalog([repository], catalog)
    with open_catalog(catalog) as opened:
        assert [(row["name"], row["rules"]) for row in opened.rows("missing_macros")] == [("get_data", 2)]
    apps = write_repository(tmp_path / "app", {"default/macros.conf": MACRO})
    report = build_catalog([repository, apps], catalog)
    assert report.rules_read == 2
    with open_catalog(catalog) as opened:
        assert list(opened.rows("missing_macros")) == []
    (apps / "default/macros.conf").write_text(MACRO.replace("windows", "linux"), encoding="utf-8")
    assert build_catalog([repository, apps], catalog).rules_read == 2
    build_catalog([repository, apps], cold)
    assert catalog.read_bytes() == cold.read_bytes()


def test_a_macro_that_no_rule_calls_changes_no_rule(repository: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    build_catalog([repository], catalog)
    apps = write_repository(tmp_path / "app", {"default/macros.conf": "[other]\ndefinition = x\n"})
    assert build_catalog([repository, apps], catalog).rules_read == 0


def test_another_version_of_the_code_reads_everything_again(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = tmp_path / "c"
    build_catalog([repository], catalog)
    monkeypatch.setattr(build_module, "reading_fingerprint", lambda: "another")
    assert build_catalog([repository], catalog).rules_read == 3


def test_a_build_that_fails_leaves_the_old_catalogue_whole(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = tmp_path / "c"
    build_catalog([repository], catalog)
    before = catalog.read_bytes()
    (repository / "detections/new-splunk-sysmon.yml").write_text(WHOAMI, encoding="utf-8")

    def stop(contents: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("rulescope.catalog.write._relations", stop)
        with pytest.raises(KeyboardInterrupt):
            build_catalog([repository], catalog)
    assert catalog.read_bytes() == before
    assert not list(tmp_path.glob(".*.draft"))
    assert build_catalog([repository], catalog).rules == 6


def test_a_build_that_is_killed_leaves_the_old_catalogue_whole(repository: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    build_catalog([repository], catalog)
    before = catalog.read_bytes()
    (repository / "detections/new-splunk-sysmon.yml").write_text(WHOAMI, encoding="utf-8")
    script = (
        "import os, signal, sys; from pathlib import Path; from rulescope.catalog import build, write\n"
        "write._relations = lambda contents: os.kill(os.getpid(), signal.SIGKILL)\n"
        "build.build_catalog([Path(sys.argv[1])], Path(sys.argv[2]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(repository), str(catalog)], check=False)
    assert done.returncode == -9
    assert catalog.read_bytes() == before
    assert len(list(tmp_path.glob(".c.*.draft"))) == 1
    assert build_catalog([repository], catalog).rules == 6
    assert not list(tmp_path.glob(".c.*.draft"))


def test_an_unwritable_place_is_an_error(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="can't be written"):
        build_catalog([repository], tmp_path / "no/such/folder/c")


def test_what_is_wrong_with_a_file_is_shown_with_its_rule(repository: Path, tmp_path: Path) -> None:
    twin = WHOAMI.replace("title: Account discovery by whoami", "title: Twice\ntitle: Account discovery by whoami")
    (repository / "detections/twin-splunk-sysmon.yml").write_text(twin, encoding="utf-8")
    build_catalog([repository], tmp_path / "c")
    with open_catalog(tmp_path / "c") as opened:
        codes = {
            row["path"].rsplit("/")[-1]: [found.code for found in opened.record(row["rule_id"]).all_diagnostics]
            for row in opened.rows("links")
        }
    # RUL003 broken YAML, RUL006 an identifier that two rules have, RUL008 a key twice, RUL009 a language not read yet
    assert codes["broken-splunk-sysmon.yml"][0] == "RUL003"
    assert codes["other-sumo-sysmon.yml"] == ["RUL009"]
    assert {"RUL006", "RUL008"} <= set(codes["twin-splunk-sysmon.yml"])
    assert codes["whoami-splunk-sysmon.yml"] == ["RUL006"]


def test_a_rule_sees_the_macro_of_its_own_repository_first(tmp_path: Path) -> None:
    shops = [
        write_repository(tmp_path / name, {"w-splunk-sysmon.yml": WHOAMI, "default/macros.conf": macro})
        for name, macro in (("first", MACRO), ("second", MACRO.replace("windows", "linux")))
    ]
    build_catalog(shops, tmp_path / "c")
    with open_view(tmp_path / "c") as view:
        bodies = {link.repository: rule_page(view, link.slug).macros[0].definition for link in view.all_links()}
        assert len(macro_page(view, "get_data").uses) == 2
    assert bodies == {"first": "index=windows", "second": "index=linux"}


def test_the_filter_macros_of_security_content_are_known(tmp_path: Path) -> None:
    detection = (
        "name: Some Detection\nid: 1f0c4b6e-0000-4000-8000-000000000001\nversion: 1\ndate: '2024-01-01'\nauthor: A\n"
        "status: production\ntype: TTP\ndescription: d\ndata_source: []\n"
        "search: '`unheard_of` x=1 | `some_detection_filter`'\n"
        "how_to_implement: h\nknown_false_positives: k\nreferences: []\n"
        "tags:\n  analytic_story: []\n  asset_type: Endpoint\n  mitre_attack_id:\n  - T1033\n"
    )
    folder = write_repository(tmp_path / "content", {"detections/endpoint/some_detection.yml": detection})
    build_catalog([folder], tmp_path / "c")
    with open_catalog(tmp_path / "c") as opened:
        assert [row["name"] for row in opened.rows("missing_macros")] == ["unheard_of"]


def test_rules_of_one_path_are_all_kept() -> None:
    info = RuleInfo("shop/a.conf#x", "shop", "spl", "t")
    rules = build_module._with_unique_paths([RuleFile(info, Source("a")), RuleFile(info, Source("b"))])
    assert [rule.info.path for rule in rules] == ["shop/a.conf#x", "shop/a.conf#x~2"]


def test_a_file_of_someone_else_is_not_overwritten(repository: Path, tmp_path: Path) -> None:
    precious = tmp_path / "thesis.txt"
    precious.write_text("years of work" * 1000)
    with pytest.raises(CatalogError) as caught:
        build_catalog([repository], precious)
    assert caught.value.code == "RSC201"
    assert precious.read_text().startswith("years of work")
    with pytest.raises(CatalogError):
        build_catalog([repository], tmp_path)


def test_a_database_of_someone_else_is_not_overwritten(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(CatalogError):
        build_catalog([repository], other)


def test_a_catalogue_of_another_schema_is_built_anew(repository: Path, tmp_path: Path) -> None:
    catalog = tmp_path / "c"
    build_catalog([repository], catalog)
    with sqlite3.connect(catalog) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(CatalogError) as caught:
        open_catalog(catalog)
    assert caught.value.code == "RSC202"
    assert build_catalog([repository], catalog).rules_read == 3


def test_a_damaged_catalogue_is_built_anew(repository: Path, tmp_path: Path) -> None:
    catalog, cold = tmp_path / "c", tmp_path / "cold"
    build_catalog([repository], catalog)
    whole = catalog.read_bytes()
    catalog.write_bytes(whole[: len(whole) // 2])
    build_catalog([repository], catalog)
    build_catalog([repository], cold)
    assert catalog.read_bytes() == cold.read_bytes()


def test_a_path_that_is_not_there_is_an_error_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        build_catalog([tmp_path / "nowhere"], tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_hostile_texts_are_stored_as_they_are(tmp_path: Path) -> None:
    title = "'); DROP TABLE rule; -- \x1b[2J<script>alert(1)</script>"
    text = WHOAMI.replace("Account discovery by whoami", '"' + title.replace("\x1b", "\\e") + '"')
    folder = write_repository(tmp_path / "shop", {**FILES, "detections/evil-splunk-sysmon.yml": text})
    catalog = tmp_path / "c"
    build_catalog([folder], catalog)
    with open_catalog(catalog) as opened:
        titles = {row["title"] for row in opened.rows("links")}
    assert any(title in found for found in titles)
    assert len(statuses(catalog)) == 6


def test_progress_is_told_in_order(repository: Path, tmp_path: Path) -> None:
    phases: list[str] = []
    build_catalog([repository], tmp_path / "c", lambda phase, done, total: phases.append(phase))
    assert list(dict.fromkeys(phases)) == ["finding", "reading", "understanding", "comparing", "writing"]
