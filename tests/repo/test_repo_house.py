"""The rules of the house that no linter knows: one commit point, one clock, words that mean what the glossary says."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from fastapi.params import Depends

from backend.core.db import SessionDep

FORBIDDEN_WORDS = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "base"}
COMMIT_POINT = "backend/core/db.py"


def calls(text: str) -> Iterator[ast.Call]:
    """Walk through the calls of a module."""
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def test_a_request_commits_before_it_answers():
    # With the default scope FastAPI answers first, and a failed commit would still say 200.
    (dependency,) = [one for one in get_args(SessionDep) if isinstance(one, Depends)]
    assert dependency.scope == "function"


def test_only_one_module_commits(python_files: dict[str, str]):
    committing = {
        name
        for name, text in python_files.items()
        for call in calls(text)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    }
    assert committing <= {COMMIT_POINT}


def test_names_say_what_a_thing_is(python_files: dict[str, str]):
    names = [(name, Path(name).stem) for name in python_files]
    names += [
        (name, node.name)
        for name, text in python_files.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    ]
    words = [(place, name, re.findall(r"[A-Z]?[a-z]+", name)) for place, name in names]
    assert [f"{place}: {name}" for place, name, parts in words if FORBIDDEN_WORDS & {p.lower() for p in parts}] == []


def test_every_word_of_the_glossary_is_a_word_of_the_code(texts: dict[str, str]):
    architecture = texts["docs/architecture.md"]
    glossary = architecture[architecture.index("## Glossary") :]
    rows = re.findall(r"^\|[^|]+\|([^|]+)\|[^|]*\|$", glossary, re.MULTILINE)[2:]
    words = [word.strip(" `") for row in rows for word in row.split(" / ")]
    assert words
    code = "\n".join(text for name, text in texts.items() if name.startswith(("backend/", "frontend/"))).lower()
    assert [word for word in words if not re.search(rf"(?<![a-z]){re.escape(word.replace(' ', '_'))}", code)] == []


UPWARD = {
    "from one floor to a higher one": ("core/clock.py", "from backend.cases import rules as upward", "Floors"),
    "from rules to their service": ("reports/rules.py", "from backend.reports import service as upward", "Inside"),
    "from a decision to HTTP": ("cases/rules.py", "from fastapi import Request as upward", "What decides"),
}


@pytest.mark.parametrize("direction", UPWARD)
def test_an_upward_import_breaks_a_contract(root: Path, tmp_path: Path, direction: str):
    module, line, contract = UPWARD[direction]
    shutil.copytree(root / "backend", tmp_path / "backend", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    changed = tmp_path / "backend" / module
    changed.write_text(f"{changed.read_text()}\n{line}\n")
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", "pyproject.toml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    output = " ".join(checked.stdout.split())
    assert checked.returncode != 0
    assert re.search(rf"{contract}[^.]*? BROKEN", output), checked.stdout
