"""Writes into a sample photo what a phone writes into every photo, without loading a picture library into the service."""

import struct
from datetime import datetime

_ASCII, _LONG, _RATIONAL = 2, 4, 5
_MAKE, _MODEL, _DATE_TIME, _EXIF, _GPS = 0x010F, 0x0110, 0x0132, 0x8769, 0x8825
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011
_HEADER = b"II*\0" + struct.pack("<I", 8)

Field = tuple[int, int, int, bytes]


def with_exif(jpeg: bytes, taken_at: datetime, point: tuple[float, float] | None) -> bytes:
    """Return the JPEG with an EXIF block in front: when it was taken (local time) and, if known, where in WGS-84."""
    when = taken_at.strftime("%Y:%m:%d %H:%M:%S")
    exif = [_text(_DATE_TIME_ORIGINAL, when), _text(_OFFSET_TIME_ORIGINAL, "+08:00")]
    gps = [] if point is None else [_text(1, "N"), _angle(2, point[0]), _text(3, "E"), _angle(4, point[1])]
    first = [_text(_MAKE, "Green Tianshui"), _text(_MODEL, "Sample picture"), _text(_DATE_TIME, when)]
    exif_at = 8 + _length([*first, _pointer(_EXIF, 0), *([_pointer(_GPS, 0)] if gps else [])])
    gps_at = exif_at + _length(exif)
    pointers = [_pointer(_EXIF, exif_at), *([_pointer(_GPS, gps_at)] if gps else [])]
    body = b"Exif\0\0" + _HEADER + _directory([*first, *pointers], 8) + _directory(exif, exif_at)
    if gps:
        body += _directory(gps, gps_at)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def _text(tag: int, value: str) -> Field:
    content = value.encode("ascii") + b"\0"
    return tag, _ASCII, len(content), content


def _pointer(tag: int, offset: int) -> Field:
    return tag, _LONG, 1, struct.pack("<I", offset)


def _angle(tag: int, degrees: float) -> Field:
    minutes = degrees % 1 * 60
    return tag, _RATIONAL, 3, struct.pack("<6I", int(degrees), 1, int(minutes), 1, round(minutes % 1 * 6000), 100)


def _padded(content: bytes) -> bytes:
    return content + b"\0" * (len(content) % 2)


def _length(fields: list[Field]) -> int:
    return 6 + 12 * len(fields) + sum(len(_padded(content)) for *_, content in fields if len(content) > 4)  # noqa: PLR2004


def _directory(fields: list[Field], at: int) -> bytes:
    """Write one directory that starts at `at`; what does not fit into four bytes follows it."""
    entries, rest = b"", b""
    behind = at + 6 + 12 * len(fields)
    for tag, kind, count, content in fields:
        value = content.ljust(4, b"\0")
        if len(content) > 4:  # noqa: PLR2004 -- as the format has it
            value = struct.pack("<I", behind + len(rest))
            rest += _padded(content)
        entries += struct.pack("<HHI", tag, kind, count) + value
    return struct.pack("<H", len(fields)) + entries + b"\0\0\0\0" + rest
