"""Macro packs: which macros are known, which are not, and that a bad pack is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulescope.errors import KnowledgeError
from rulescope.knowledge import find_macro, load_macro_pack, logs, macro_packs

BODYLESS = {
    "fltr_bl_ip_address",
    "get_email_data_malicious",
    "get_asset",
    "get_identity4events",
    "cim_corporate_web_domain_search",
}


def test_only_the_listed_macros_lack_a_body() -> None:
    without = {macro.name for pack in macro_packs() for macro in pack.macros.values() if macro.definition is None}
    assert without == BODYLESS


def test_sysmon_macro_selects_sysmon() -> None:
    macro = find_macro("get_endpoint_data_sysmon")
    assert macro is not None and macro.definition is not None
    assert macro.role == "condition"
    assert macro.logs == ("sysmon",)
    assert "Microsoft-Windows-Sysmon/Operational" in macro.definition
    assert macro.basis.startswith("inferred from use")


def test_arguments_are_part_of_the_name() -> None:
    macro = find_macro("group_events", 2)
    assert macro is not None and macro.definition is not None
    assert macro.key == "group_events(2)"
    assert macro.definition.startswith("|")
    assert find_macro("group_events") is None
    assert find_macro("no_such_macro") is None
    drop = find_macro("drop_dm_object_name", 1)
    assert drop is not None and drop.definition == "rename $node$.* AS *"


def test_every_macro_is_complete() -> None:
    known = {log.key for log in logs().logs}
    for pack in macro_packs():
        for macro in pack.macros.values():
            assert macro.description, macro
            assert macro.basis, macro
            assert set(macro.logs) <= known, macro
            used = set(re.findall(r"\$(\w+)\$", macro.definition or ""))
            assert used <= set(macro.arguments), macro
            if macro.role == "condition" and macro.definition is not None and macro.name.startswith("get_"):
                assert macro.definition.startswith("(") and macro.definition.endswith(")"), macro
                assert macro.definition.count("(") == macro.definition.count(")"), macro


@pytest.mark.corpus
def test_every_macro_that_the_armory_calls_is_listed(shared: Path) -> None:
    listed = {macro.name for pack in macro_packs() for macro in pack.macros.values()}
    called: set[str] = set()
    for line in (shared / "knowledge/armory_macros.csv").read_text(encoding="utf-8").splitlines()[1:]:
        called.add(line.partition(",")[0])
    assert called
    assert called <= listed


def test_a_users_pack_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'source = "mine"\n[[macro]]\nname = "our_hosts"\nrole = "condition"\ndefinition = "host=web*"\n',
        encoding="utf-8",
    )
    pack = load_macro_pack(path)
    macro = pack.find("our_hosts")
    assert macro is not None and macro.definition == "host=web*"
    assert (pack.name, pack.source) == ("mine", "mine")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[macro", "cannot be read"),
        ("macro = 3", "[[macro]]"),
        ("macro = [3]", "must be a table"),
        ('[[macro]]\nrole = "condition"', "needs a name"),
        ('[[macro]]\nname = "a"\nrole = "sorcery"', "role must be one of"),
        ('[[macro]]\nname = "a"\nbody = "x"', "unknown key 'body'"),
        ('[[macro]]\nname = "a"\nlogs = "x"', "logs must be a list"),
        ('[[macro]]\nname = "a"\ndefinition = 3', "definition must be text"),
        ('[[macro]]\nname = "a"\n[[macro]]\nname = "a"', "is there twice"),
    ],
)
def test_a_bad_pack_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeError) as caught:
        load_macro_pack(path)
    assert words in str(caught.value)
    assert "bad.toml" in str(caught.value)


def test_bytes_that_are_no_text_and_missing_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe\x00")
    for wrong in (path, tmp_path / "absent.toml"):
        with pytest.raises(KnowledgeError):
            load_macro_pack(wrong)
