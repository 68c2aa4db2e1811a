"""Nothing in a commit ties the project to one machine or one registry, and the locks hold everything they should."""

import json
import re
import tomllib
from pathlib import Path

import pytest

# Written in pieces, or this file would be its own finding.
REGISTRIES = [
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npm" + "js.org",
    "npm" + "mirror.com",
    "deb." + "debian.org",
    "--index" + "-url",
    "--find" + "-links",
]
MACHINE_PATH = re.compile(r"(?<![\w.-])/(?:home|root|Users|work|opt)/[\w.-]+")
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-node.txt", "requirements-setup.txt"]


def test_no_file_names_a_registry_or_a_path_of_one_machine(texts: dict[str, str]):
    found = [f"{name}: {word}" for name, text in texts.items() for word in REGISTRIES if word in text]
    found += [f"{name}: {path}" for name, text in texts.items() for path in MACHINE_PATH.findall(text)]
    assert found == []


def pinned(root: Path, lock: str) -> dict[str, str]:
    """Return the versions of a lock file by name."""
    return dict(re.findall(r"^([\w.-]+)==([\w.+!-]+)", (root / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(root: Path, lock: str):
    requirements = re.split(r"\n(?=\S)", (root / lock).read_text().strip())
    assert [one for one in requirements if "--hash=sha256:" not in one] == []


def test_the_locks_hold_what_pyproject_asks_for(root: Path):
    project = tomllib.loads((root / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": [one for one in groups["dev"] if isinstance(one, str)],
        "requirements-node.txt": groups["node"],
        "requirements-setup.txt": groups["setup"],
    }
    missing = [
        f"{name} in {lock}: run `make lock`"
        for lock, names in wanted.items()
        for name in (re.split(r"[\[<>=!~ ;]", one)[0].lower() for one in names)
        if name not in pinned(root, lock)
    ]
    assert missing == []


def test_what_is_served_and_what_is_tested_are_the_same_versions(root: Path):
    served, tested = pinned(root, "requirements.txt"), pinned(root, "requirements-dev.txt")
    assert {name: (version, tested.get(name)) for name, version in served.items() if tested.get(name) != version} == {}


def test_the_front_end_lock_has_checksums_and_no_addresses(root: Path):
    packages = json.loads((root / "frontend/package-lock.json").read_text())["packages"]
    installed = {name: entry for name, entry in packages.items() if name}
    assert [name for name, entry in installed.items() if "resolved" in entry] == []
    assert [name for name, entry in installed.items() if "integrity" not in entry] == []


def test_links_between_documents_lead_somewhere(root: Path, texts: dict[str, str]):
    link = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
    broken = [
        f"{name}: {target}"
        for name, text in texts.items()
        if name.endswith(".md")
        for target in link.findall(text)
        if not ((root / name).parent / target).exists()
    ]
    assert broken == []
