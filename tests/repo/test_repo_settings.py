"""What an operator reads in `.env.example` is what the service does."""

import re
from pathlib import Path
from typing import cast

from pydantic_core import PydanticUndefined

from backend.core.config import Settings

LINE = re.compile(r"^#(GREEN_\w+)=(.*)$", re.MULTILINE)


def written(default: object) -> str:
    """Write a default as an operator would."""
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(cast("list[str]", default)) if isinstance(default, list) else str(default)


def test_the_example_names_every_setting_with_its_default(root: Path):
    example = dict(LINE.findall((root / ".env.example").read_text()))
    assert example == {f"GREEN_{name.upper()}": written(field.default) for name, field in Settings.model_fields.items()}


def test_every_setting_is_explained_above_its_line(root: Path):
    paragraphs = (root / ".env.example").read_text().split("\n\n")[1:]
    assert [one for one in paragraphs if not one.startswith("# ") or not LINE.search(one)] == []


def test_the_example_changes_nothing_as_it_stands(root: Path):
    lines = (root / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
