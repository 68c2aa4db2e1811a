"""What counts as a photo: its kinds by content, its limits, its facts, and what a picture that leaves us may hold."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Literal, TypedDict, cast, get_args

MediaType = Literal["image/jpeg", "image/png", "image/webp", "image/heic"]
MEDIA_TYPES: tuple[MediaType, ...] = get_args(MediaType)

FILE_BYTES_MAX = 10_000_000
REQUEST_BYTES_MAX = 25_000_000
FILES_MAX = 6
PIXELS_MAX = 50_000_000

SIZES = (1600, 480, 160)
"""Long sides of what is shown, in pixels."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_FTYP_HEADER_BYTES = 16
_MAX_FTYP_BYTES = 256


def sniff(content: bytes) -> MediaType | None:
    """Tell the kind of picture by its first bytes; name, ending and declared type are not asked."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "image/heic" if _heif_brands(content) & _HEIC_BRANDS else None


def _heif_brands(content: bytes) -> set[bytes]:
    """Return the brands of an ISO media file; the major one alone (`mif1`) does not tell HEIC from AVIF."""
    if content[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(content[:4]), _MAX_FTYP_BYTES, len(content))
    brands = {content[8:12]} | {content[at : at + 4] for at in range(_FTYP_HEADER_BYTES, end - 3, 4)}
    return set() if brands & {b"avif", b"avis"} else brands


class Facts(TypedDict, total=False):
    """When and where a photo was taken, as its own bytes (`exif`) or the page that shrank it (`page`) say."""

    taken_at: str
    lat: float
    lon: float
    source: Literal["exif", "page"]


SIDECAR_CHARACTERS_MAX = 1024


def read_sidecar(header: str | None) -> dict[str, object] | None:
    """Read the `Photo-Facts` header, base64url of a JSON object; whatever is wrong with it is no fact."""
    if not header or len(header) > SIDECAR_CHARACTERS_MAX:
        return None
    try:
        found: object = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, object]", found) if isinstance(found, dict) else None


def facts_from(told: Mapping[str, object] | None, source: Literal["exif", "page"]) -> Facts | None:
    """Keep of what is told only a readable time and a place on earth."""
    if not told:
        return None
    facts = Facts()
    taken_at = _moment(told.get("taken_at"))
    if taken_at:
        facts["taken_at"] = taken_at
    lat, lon = _degrees(told.get("lat"), 90), _degrees(told.get("lon"), 180)
    # 0° N 0° E is what cameras without a fix write.
    if lat is not None and lon is not None and (lat, lon) != (0.0, 0.0):
        facts["lat"], facts["lon"] = lat, lon
    if not facts:
        return None
    facts["source"] = source
    return facts


def _moment(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _degrees(value: object, limit: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(float(value), 7) if isfinite(value) and abs(value) <= limit else None


_SOI, _EOI, _SOS, _APP0 = 0xD8, 0xD9, 0xDA, 0xE0
# Start of frame (baseline), Huffman and quantisation tables, restart interval: what a decoder needs, and no text.
_BARE_MARKERS = {0xC0, 0xC4, 0xDB, 0xDD}
_JFIF_BYTES = 16
_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def is_bare_jpeg(content: bytes) -> bool:
    """Say whether this is one JPEG picture and nothing else: no EXIF, XMP, ICC, comment, thumbnail or tail."""
    if content[:2] != bytes((0xFF, _SOI)):
        return False
    at = 2
    while at + 4 <= len(content):
        if content[at] != 0xFF:  # noqa: PLR2004 -- every marker starts with this byte
            return False
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4])
        if marker == _SOS:
            found = _MARKER_IN_SCAN.search(content, at + 2 + length)
            return found is not None and found.group()[1] == _EOI and found.end() == len(content)
        is_plain_jfif = marker == _APP0 and length == _JFIF_BYTES and content[at + 4 : at + 9] == b"JFIF\0"
        if marker not in _BARE_MARKERS and not is_plain_jfif:
            return False
        at += 2 + length
    return False
