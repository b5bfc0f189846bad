"""What indicators are compared by: names of one field, paths and their base names, names and their extensions."""

import pytest

from rulescope import ir
from rulescope.analysis.comparing import comparison
from rulescope.analysis.corpus_index import CorpusIndex
from rulescope.analysis.extract import facts
from rulescope.analysis.facts import Facts, Indicator
from rulescope.catalog.rule_records import parse_rule
from rulescope.languages.spl.macros import MacroLibrary
from rulescope.text import Source

SIGMA = """\
title: t
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\cmd.exe'}
  condition: selection
"""

CMD = {
    "sigma": SIGMA,
    "spl": 'index=x process_name="CMD.exe"',
    "eql": 'process where process.name : "cmd.exe"',
    "kuery": "process.name: cmd.exe",
    "kusto": 'DeviceProcessEvents | where FileName =~ "Cmd.exe"',
    "snowflake": "select * from crowdstrike where ImageFileName ilike '%\\\\cmd.exe'",
}
"""Each looks for processes whose program is cmd.exe, in its language's own vocabulary."""


def indicators(language: str, text: str) -> tuple[Indicator, ...]:
    info = ir.RuleInfo(path=language, repository="", language=language, title="")
    return facts(parse_rule(info, Source(text, language), MacroLibrary({}))).indicators


@pytest.mark.parametrize("language", CMD)
def test_the_same_program_is_one_indicator_in_every_language(language: str) -> None:
    (found,) = indicators(language, CMD[language])
    compared = comparison(found)
    assert compared.key == ("process_name", "eq", "cmd.exe")
    assert bool(compared.derived) == (language in ("sigma", "snowflake"))


def test_counts_say_how_many_meet_by_translation() -> None:
    known = {language: indicators(language, text) for language, text in CMD.items()}
    index = CorpusIndex((language, language, Facts(rows, *((),) * 8)) for language, rows in known.items())
    of_spl = index.count("spl", known["spl"][0])
    assert dict(of_spl.by_language) == {"sigma": 1, "eql": 1, "kuery": 1, "kusto": 1, "snowflake": 1}
    assert (of_spl.total, of_spl.derived) == (5, 2)
    # Sigma and Snowflake say the same of the same field; the four others meet it by translation.
    of_sigma = index.count("sigma", known["sigma"][0])
    assert (of_sigma.total, of_sigma.derived) == (5, 4)


@pytest.mark.parametrize(
    ("field", "kind", "value", "key"),
    [
        ("process_path", "ends_with", "\\cmd.exe", ("process_name", "eq", "cmd.exe")),
        ("process_path", "ends_with", "/bin/", ("process_path", "ends_with", "/bin/")),
        ("process_path", "ends_with", "\\Windows\\cmd.exe", ("process_path", "ends_with", "\\windows\\cmd.exe")),
        ("process_path", "ends_with", "cmd.exe", ("process_name", "ends_with", "cmd.exe")),
        ("process_path", "contains", "\\cmd.exe", ("process_path", "contains", "\\cmd.exe")),
        ("process_path", "eq", "c:\\cmd.exe", ("process_path", "eq", "c:\\cmd.exe")),
        ("process_name", "ends_with", "\\cmd.exe", ("process_name", "eq", "cmd.exe")),
        ("file_path", "ends_with", ".HTA", ("file_name", "ends_with", ".hta")),
        ("file_extension", "eq", "hta", ("file_name", "ends_with", ".hta")),
        ("file_extension", "eq", "", ("file_extension", "eq", "")),
        ("registry_path", "ends_with", "\\Run", ("registry_value_name", "eq", "run")),
        ("process_hash", "contains", "IMPHASH=AB12", ("process_import_hash", "eq", "ab12")),
        ("process_hash", "contains", "IMPHASH=", ("process_hash", "contains", "imphash=")),
        ("process_hash", "contains", "AB12", ("process_hash", "contains", "ab12")),
        ("process_path", "ends_with", "\\", ("process_path", "ends_with", "\\")),
        ("process_path", "ends_with", "", ("process_path", "ends_with", "")),
    ],
)
def test_what_is_put_in_terms_of_another_field(
    field: str, kind: ir.ComparisonKind, value: str, key: tuple[str, str, str]
) -> None:
    """A path ends with a separator and a name exactly where its base name is that name."""
    found = comparison(Indicator(field, field, kind, value, 1, True, 0, 0))
    assert found.key == key
    assert bool(found.derived) == (key[:2] != (field, kind) or value.casefold() != key[2])


def test_case_stays_where_the_rule_regards_it() -> None:
    found = comparison(Indicator("Image", "process_path", "ends_with", "\\Cmd.exe", 1, False, 0, 0))
    assert (found.key, found.letters) == (("process_name", "eq", "cmd.exe"), "Cmd.exe")
    assert comparison(Indicator("Image", "process_path", "ends_with", "\\Cmd.exe", 1, True, 0, 0)).letters is None


def test_a_field_means_what_its_table_means_by_it() -> None:
    """`FileName` is a program's in DeviceProcessEvents and a file's in DeviceFileEvents.

    Columns of both tables: learn.microsoft.com, "DeviceProcessEvents" and "DeviceFileEvents" in the advanced hunting
    schema.
    """

    def canonical(text: str) -> list[str]:
        return [row.canonical for row in indicators("kusto", text)]

    assert canonical('DeviceFileEvents | where FileName =~ "a.exe"') == ["file_name"]
    assert canonical('DeviceProcessEvents | where FileName =~ "a.exe"') == ["process_name"]
    assert canonical('DeviceProcessEvents | summarize by FileName | where FileName =~ "a"') == ["process_name"]
    both = (
        'DeviceProcessEvents | where FileName =~ "a" '
        '| join (DeviceFileEvents | where FileName =~ "b") on DeviceId | where InitiatingProcessFileName =~ "c"'
    )
    assert canonical(both) == ["process_name", "file_name", "parent_process_name"]
