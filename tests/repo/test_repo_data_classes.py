"""Every column says how sensitive it is and how long it is kept, before the first resident's data stands in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import SQLModel

from backend.core import db
from backend.migrations import tables

CLASSES = {"public", "internal", "personal", "sensitive", "secret"}


def listed() -> Mapping[str, Mapping[str, Any]]:
    """Read backend/core/data_classes.yaml: table → `retention` and `columns` (column → class)."""
    return yaml.safe_load((Path(db.__file__).parent / "data_classes.yaml").read_text("utf-8"))


def test_every_column_has_a_class_and_no_class_lacks_its_column():
    tables.load()
    stored = {name: {column.name for column in table.columns} for name, table in SQLModel.metadata.tables.items()}
    assert {name: set(entry["columns"]) for name, entry in listed().items()} == stored


def test_every_class_is_one_of_the_five():
    classes = {(table, column, kind) for table, entry in listed().items() for column, kind in entry["columns"].items()}
    assert [one for one in sorted(classes) if one[2] not in CLASSES] == []


def test_every_table_says_how_long_it_keeps_what():
    assert [table for table, entry in listed().items() if not entry.get("retention")] == []
