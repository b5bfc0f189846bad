"""Every fact names its source, every source is described, and importing costs nothing."""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib

import rulescope.knowledge
from rulescope.knowledge.tables import DATA

SOURCES = tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))


def test_every_data_file_names_its_sources() -> None:
    shipped = {path.name for path in DATA.iterdir() if path.name != "sources.toml"}
    assert shipped == SOURCES["files"].keys()
    for sources in SOURCES["files"].values():
        assert set(sources) <= SOURCES["source"].keys()
    for source in SOURCES["source"].values():
        assert source["name"] and source["licence"]


def test_every_row_names_a_listed_source() -> None:
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if "source" not in (reader.fieldnames or ()):
                continue
            for row in reader:
                assert set(row["source"].split("+")) <= set(SOURCES["files"][path.name]), (path.name, row)


def test_rows_have_as_many_cells_as_headers() -> None:
    for path in DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            widths = {len(row) for row in csv.reader(file)}
        assert len(widths) == 1, path.name


def test_every_exported_name_is_there() -> None:
    for name in rulescope.knowledge.__all__:
        assert callable(getattr(rulescope.knowledge, name)) or name in ("Form",)


def test_importing_loads_nothing() -> None:
    program = (
        "import sys, rulescope.knowledge\n"
        "print([name for name in sys.modules if name.startswith('rulescope.knowledge.')], 'csv' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[] False"
