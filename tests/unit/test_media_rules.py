"""What counts as a photo, told by its first bytes alone."""

import json
from base64 import urlsafe_b64encode

import pytest

from backend.media import rules
from tests.fixtures import photos

KINDS = {
    "image/jpeg": photos.jpeg,
    "image/png": photos.png,
    "image/webp": photos.webp,
    "image/heic": photos.heic,
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_four_kinds_are_known_by_content(kind: str) -> None:
    """S-40."""
    assert rules.sniff(KINDS[kind]()) == kind


@pytest.mark.parametrize("name", photos.not_photos())
def test_everything_else_is_no_photo(name: str) -> None:
    """S-40."""
    assert rules.sniff(photos.not_photos()[name]) is None


@pytest.mark.parametrize("content", [b"", b"\xff\xd8", b"\x89PNG", b"RIFF", b"\0\0\0\x18ftyp", b"\0\0\0\x18ftypmif1"])
def test_a_few_bytes_are_no_photo(content: bytes) -> None:
    assert rules.sniff(content) is None


def header(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_the_facts_of_the_page_are_read_from_its_header() -> None:
    """S-45."""
    told = rules.read_sidecar(header({"taken_at": "2026-11-20T08:15:30+08:00", "lat": 34.58, "lon": 105.72}))
    assert rules.facts_from(told, "page") == {
        "taken_at": "2026-11-20T08:15:30+08:00",
        "lat": 34.58,
        "lon": 105.72,
        "source": "page",
    }


@pytest.mark.parametrize(
    "sidecar",
    [None, "", "!!", "é", header([1]), header("x"), header({"lat": 1}) * 100, "a" * 5000, header({}), "A" * 5]
    + [header({"lat": lat, "lon": lon}) for lat, lon in [(91, 0), (0, 181), ("1", "2"), (True, 5), (0, 0), (5, None)]]
    + [header({"taken_at": at}) for at in [5, "yesterday", "2026-13-01", ""]],
)
def test_facts_that_make_no_sense_are_no_facts(sidecar: str | None) -> None:
    assert rules.facts_from(rules.read_sidecar(sidecar), "page") is None


def test_facts_beyond_numbers_are_no_facts() -> None:
    assert rules.facts_from({"lat": float("nan"), "lon": float("inf")}, "page") is None


def test_what_a_camera_writes_is_not_a_bare_picture() -> None:
    """S-44: the check that stands behind everything we show does fail where it should."""
    assert rules.is_bare_jpeg(photos.jpeg())
    assert not rules.is_bare_jpeg(photos.camera_jpeg())
    assert not rules.is_bare_jpeg(photos.with_jfxx_thumbnail(photos.jpeg()))
    assert not rules.is_bare_jpeg(photos.multi_picture_jpeg())
    assert not rules.is_bare_jpeg(photos.png())
    assert not rules.is_bare_jpeg(photos.jpeg()[:-2])
    assert not rules.is_bare_jpeg(photos.jpeg() + b"\0")
    assert not rules.is_bare_jpeg(b"")


@pytest.mark.parametrize("name", [name for name in photos.polyglots() if name.startswith("jpeg")])
def test_a_picture_with_a_second_meaning_is_not_bare(name: str) -> None:
    """S-46."""
    assert not rules.is_bare_jpeg(photos.polyglots()[name])
