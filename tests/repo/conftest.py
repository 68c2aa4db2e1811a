"""The files of the project as git would take them, so that the checks see neither caches nor data."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".html", ".ts", ".mjs", ".css", ".json", ".toml", ".yaml", ".txt", ".po", ".svg", ".sh", ""}


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def project_files() -> list[Path]:
    """Every file that is or would be in a commit."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listing.stdout.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


@pytest.fixture(scope="session")
def texts(project_files: list[Path]) -> dict[str, str]:
    """Every text file by its path in the project."""
    found = [path for path in project_files if path.suffix in TEXT]
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in found}


@pytest.fixture(scope="session")
def python_files(texts: dict[str, str]) -> dict[str, str]:
    """Every module of the service by its path."""
    return {name: text for name, text in texts.items() if name.startswith("backend/") and name.endswith(".py")}


@pytest.fixture(scope="session")
def templates(texts: dict[str, str]) -> dict[str, str]:
    """Every template by the name it is rendered with."""
    folder = "frontend/templates/"
    return {name.removeprefix(folder): text for name, text in texts.items() if name.startswith(folder)}
