"""Finds the built files by the names that templates use, so that their addresses change with their content and may be cached for ever."""

import json
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, TypedDict

import structlog

STATIC_DIR: Final = Path(__file__).resolve().parents[2] / "static"
TEMPLATES_DIR: Final = Path(__file__).resolve().parents[2] / "frontend" / "templates"
LOCALES_DIR: Final = Path(__file__).resolve().parents[2] / "frontend" / "locales"
MANIFEST: Final = STATIC_DIR / "build" / ".vite" / "manifest.json"
BUILD_URL: Final = "/static/build/"
SOURCE_FOLDERS: Final = {".css": "styles", ".ts": "src"}

_log = structlog.get_logger(__name__)


class AssetsNotBuilt(Exception):
    """The bundle is missing; the text says how to make it."""


class _Entry(TypedDict):
    file: str


def _manifest() -> dict[str, _Entry]:
    # Read again after a rebuild: the names that a running service remembers are then those of files that are gone.
    try:
        return _read_manifest(MANIFEST.stat().st_mtime_ns)
    except FileNotFoundError:
        raise AssetsNotBuilt(
            f"{MANIFEST} is missing: run `make build` (or `make serve`, which does it first)."
        ) from None


@lru_cache(maxsize=1)
def _read_manifest(_written_at: int) -> dict[str, _Entry]:
    return json.loads(MANIFEST.read_text("utf-8"))


def url_asset(name: str) -> str:
    """Return the address of the built file of an entry such as `main.ts` or `main.css`."""
    key = f"{SOURCE_FOLDERS[Path(name).suffix]}/{name}"
    entry = _manifest().get(key)
    if entry is None:
        raise AssetsNotBuilt(f"The bundle has no entry {key}; known: {', '.join(sorted(_manifest()))}.")
    return BUILD_URL + entry["file"]


@cache
def build_id() -> str:
    """Return what stands for this version of templates, words and bundle: a page made by another one is another page."""
    files = sorted([*TEMPLATES_DIR.rglob("*.html"), *LOCALES_DIR.rglob("*.mo"), MANIFEST])
    return sha256(b"".join(path.read_bytes() for path in files if path.is_file())).hexdigest()[:16]


@cache
def drawing(folder: str, name: str) -> str:
    """Return the SVG text of `static/<folder>/<name>.svg`, or nothing where it does not exist.

    A drawing may be named by city data, and a page must not fall over for want of a picture: the word stands beside it.
    """
    path = STATIC_DIR / folder / f"{name}.svg"
    if not name.replace("-", "").replace("_", "").isalnum() or not path.is_file():
        _log.warning("drawing missing", where=f"{folder}/{name}"[:80])
        return ""
    return path.read_text("utf-8").strip()
