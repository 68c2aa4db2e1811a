"""The set-up program chooses a Node.js that runs the front end's tools, and no other."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def setup(root: Path) -> ModuleType:
    """Load the program, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("setup_program", root / ".ci" / "setup.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v18.20.4", False),
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.19.0", True),
        ("", False),
        ("something else", False),
    ],
)
def test_node_fits_what_vite_runs_on(setup: ModuleType, version: str, fits: bool):
    assert setup.node_fits(version) is fits


def test_setup_says_what_to_install_where_apt_is_missing(setup: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(setup.SetupError, match="Install it with: apt-get install chromium fonts-noto-cjk"):
        setup.install_browser()
