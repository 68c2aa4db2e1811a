"""The child program that opens strangers' pictures, with nothing in reach: no files, no network, little memory.

`sandbox` runs it by its path, so it imports nothing of ours. It reads a length and a photo from standard input, writes
a length, a line of JSON and the derivatives to standard output, and stops when anything at all went wrong.
"""

import ctypes
import io
import json
import os
import resource
import struct
import sys
import threading
import warnings
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, NamedTuple

import pillow_heif
from PIL import (
    ExifTags,
    Image,
    ImageCms,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

# No file can be opened once the child is shut in, so nothing may load late. EXIF is a TIFF inside.
LOADED = (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
JPEGS = ("JPEG", "MPO")
QUALITY = 80
LENGTH = struct.Struct("!I")
THREADS = 4
# Numbers that systems keep for users who exist only while a service runs.
FIRST_TRANSIENT_USER, TRANSIENT_USERS = 61184, 4336
# A camera writes at most some twenty; each costs a pass over the whole picture.
MAX_JPEG_SCANS = 100
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore[reportUnknownArgumentType]


class Limits(NamedTuple):
    """What the parent allows, given on the command line."""

    max_pixels: int
    sizes: list[int]
    memory_bytes: int
    cpu_seconds: int


class TooManyPixels(Exception):
    """The header promises more than may be decoded."""


def shut_in(limits: Limits) -> dict[str, bool]:
    """Give up everything that decoding does not need; return which of the optional parts the system granted."""
    libc = ctypes.CDLL(None, use_errno=True)
    was_root = os.geteuid() == 0
    no_network = libc.unshare(CLONE_NEWNET) == 0 or libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0
    other_user = was_root and _become_nobody()
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    no_processes = _limit_processes()
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        # Three descriptors are open: no file, folder or socket can ever be opened again, whoever asks.
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_AS, limits.memory_bytes),
    ):
        resource.setrlimit(kind, (value, value))
    return {"no_network": no_network, "no_root": other_user or not was_root, "no_processes": no_processes}


def _become_nobody() -> bool:
    """Change to a user that owns nothing and shares its number with no other process."""
    number = FIRST_TRANSIENT_USER + os.getpid() % TRANSIENT_USERS
    try:
        os.setgroups([])
        os.setresgid(number, number, number)
        os.setresuid(number, number, number)
    except OSError:
        return False
    return True


def _limit_processes() -> bool:
    """Allow the one thread that the HEIC decoder starts; impossible where the user runs other programs as well."""
    _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, hard))
    trial = threading.Thread(target=bool)
    try:
        trial.start()
    except RuntimeError:
        resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))
        return False
    trial.join()
    resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, THREADS))
    return True


def allow_cpu(seconds: int) -> None:
    """Let one photo use `seconds` more of the processor; then the kernel ends this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, hard))


def derive(content: bytes, limits: Limits) -> tuple[dict[str, Any], list[bytes]]:
    """Return the facts of a photo and its pictures at each size, oriented, in sRGB, without metadata."""
    photo = Image.open(io.BytesIO(content), formats=FORMATS)
    width, height = photo.size
    if width * height > limits.max_pixels:
        raise TooManyPixels
    if photo.format in JPEGS and content.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise ValueError("too many scans")
    exif = photo.getexif()
    told = _facts(exif)
    turn = exif.get(ExifTags.Base.Orientation, 1)
    profile = photo.info.get("icc_profile")
    picture = _shrunk(photo, limits.sizes[0])
    picture = _srgb(picture, profile)
    if turn in _TURNS:
        picture = picture.transpose(_TURNS[turn])
    if turn in _SIDEWAYS:
        width, height = height, width
    pictures: list[bytes] = []
    for size in limits.sizes:
        smaller = _resized(picture, size)
        pictures.append(pictures[-1] if pictures and smaller is picture else _jpeg_bytes(smaller))
        picture = smaller
    return {**told, "width": width, "height": height}, pictures


def _fit(size: tuple[int, int], long_side: int) -> tuple[int, int]:
    longest = max(size)
    if longest <= long_side:
        return size
    return max(1, round(size[0] * long_side / longest)), max(1, round(size[1] * long_side / longest))


def _shrunk(photo: Image.Image, long_side: int) -> Image.Image:
    """Decode at no more than the size that is needed."""
    if photo.format in JPEGS:
        # In the photo's own aspect: draft((1600, 1600)) does nothing on 4000 × 3000. On a HEIC it would show the
        # embedded thumbnail, which need not be the same picture.
        photo.draft(None, _fit(photo.size, long_side))  # pyright: ignore[reportArgumentType] -- None keeps the mode
    photo.load()
    shrunk = photo
    if photo.mode in ("P", "PA", "1"):
        shrunk = photo.convert("RGBA" if "transparency" in photo.info or photo.mode == "PA" else "RGB")
    elif photo.mode.startswith("I"):
        # 16 bits a pixel: a plain conversion would clip all but the darkest to white.
        shrunk = photo.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return _resized(shrunk, long_side)


def _resized(picture: Image.Image, long_side: int) -> Image.Image:
    target = _fit(picture.size, long_side)
    if target == picture.size:
        return picture
    # Measured: 1600 → 480 takes 7 ms so, 14 ms with a gap of 2, and looks the same.
    return picture.resize(target, Image.Resampling.BICUBIC, reducing_gap=1.5)


def _srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring the colours to sRGB, on white where the picture is see-through."""
    if picture.has_transparency_data:
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")
    if profile and picture.mode in ("RGB", "CMYK", "L"):
        # A profile that cannot be read is no reason to lose the photo: its colours are then a little off.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode="RGB")
                picture = converted or picture
    return picture if picture.mode in ("RGB", "L") else picture.convert("RGB")


def _jpeg_bytes(picture: Image.Image) -> bytes:
    picture.info = {}  # Pillow would write a comment found here
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _facts(exif: Image.Exif) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    with suppress(Exception):
        inner = exif.get_ifd(ExifTags.IFD.Exif)
        stamp = inner.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
        moment = datetime.strptime(str(stamp).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 -- local time of the camera
        zone = str(inner.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\0 ")
        facts["taken_at"] = moment.isoformat()
        facts["taken_at"] = datetime.fromisoformat(moment.isoformat() + zone).isoformat()
    with suppress(Exception):
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLatitudeRef] == "S")
        lon = _degrees(place[ExifTags.GPS.GPSLongitude], place[ExifTags.GPS.GPSLongitudeRef] == "W")
        facts |= {"lat": lat, "lon": lon}
    return facts


def _degrees(parts: tuple[float, float, float], negative: bool) -> float:  # noqa: FBT001 -- private, two calls
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if negative else value


def answer(content: bytes, limits: Limits) -> tuple[dict[str, Any], list[bytes]]:
    """Derive, or name in one word why not."""
    try:
        told, pictures = derive(content, limits)
    except (TooManyPixels, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return {"outcome": "too_many_pixels"}, []
    except MemoryError:
        return {"outcome": "memory"}, []
    except Exception:  # noqa: BLE001 -- parsers of foreign bytes fail in every way there is, and this process ends now
        return {"outcome": "damaged"}, []
    return {**told, "outcome": "ready", "lengths": [len(picture) for picture in pictures]}, pictures


def prepare(limits: Limits) -> None:
    """Register the one foreign format, set Pillow's own alarms and load all that Pillow loads late."""
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = limits.max_pixels
    Image.init()
    with io.BytesIO() as out:
        sample = Image.new("RGB", (64, 48))
        sample.save(out, "JPEG", exif=Image.Exif(), icc_profile=_SRGB.tobytes())
        derive(out.getvalue(), limits)
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def serve(source: BinaryIO, sink: BinaryIO, limits: Limits) -> None:
    """Answer one photo after the other until the parent closes, or a photo fails."""
    while header := source.read(LENGTH.size):
        (length,) = LENGTH.unpack(header)
        content = source.read(length)
        allow_cpu(limits.cpu_seconds)
        told, pictures = answer(content, limits)
        del content
        line = json.dumps(told).encode()
        sink.write(b"".join((LENGTH.pack(len(line)), line, *pictures)))
        sink.flush()
        if told["outcome"] != "ready":
            return


def main() -> None:
    """Prepare, shut in, say what was granted, serve."""
    limits = Limits(**json.loads(sys.argv[1]))
    prepare(limits)
    hello = json.dumps(shut_in(limits)).encode()
    sys.stdout.buffer.write(LENGTH.pack(len(hello)) + hello)
    sys.stdout.buffer.flush()
    serve(sys.stdin.buffer, sys.stdout.buffer, limits)


if __name__ == "__main__":
    main()
