"""The real child process on real and evil pictures: what comes out is bare, and what goes wrong costs one preview."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from backend.media import rules, sandbox
from backend.media.errors import PhotosBusy
from tests.fixtures import photos


@pytest.fixture(scope="module")
def pool() -> Iterator[sandbox.Pool]:
    opened = sandbox.Pool()
    yield opened
    opened.close()


def shown(result: sandbox.Readable | sandbox.Unreadable, size: int = 1600) -> Image.Image:
    assert isinstance(result, sandbox.Readable), result
    return Image.open(io.BytesIO(result.pictures[size])).convert("RGB")


def corners(picture: Image.Image) -> list[str]:
    """Name the colours at top left, top right and bottom left."""
    at = [(5, 5), (picture.width - 6, 5), (5, picture.height - 6)]
    names = {(True, False, False): "red", (False, True, False): "green", (False, False, True): "blue"}
    found: list[str] = []
    for point in at:
        pixel = picture.getpixel(point)
        assert isinstance(pixel, tuple)
        red, green, blue = pixel
        found.append(names.get((red > 150, green > 150, blue > 150), "?"))
    return found


GOOD = {
    "jpeg": photos.jpeg,
    "camera jpeg": photos.camera_jpeg,
    "grey jpeg": lambda: photos.jpeg(mode="L"),
    "cmyk jpeg": lambda: photos.jpeg(mode="CMYK"),
    "multi-picture jpeg": photos.multi_picture_jpeg,
    "png": photos.png,
    "palette png": lambda: photos.png(mode="P"),
    "grey png with alpha": lambda: photos.png(mode="LA"),
    "png with alpha": lambda: photos.png(mode="RGBA"),
    "black and white png": lambda: photos.png(mode="1"),
    "webp": photos.webp,
    "heic": photos.heic,
    "one pixel": lambda: photos.jpeg(1, 1),
    "a line": lambda: photos.png(5000, 1),
    **{name: lambda name=name: photos.polyglots()[name] for name in photos.polyglots()},
}


@pytest.mark.parametrize("name", GOOD)
def test_pictures_come_out_bare(pool: sandbox.Pool, name: str) -> None:
    """S-44, S-46: no metadata, no comment, no thumbnail, no tail, whatever came in."""
    result = pool.derive(GOOD[name]())
    assert isinstance(result, sandbox.Readable), result
    assert list(result.pictures) == list(rules.SIZES)
    for picture in result.pictures.values():
        assert rules.is_bare_jpeg(picture)
        assert photos.SECRET_TEXT.encode() not in picture
        assert photos.MARKUP not in picture


def test_pictures_have_the_three_sizes(pool: sandbox.Pool) -> None:
    result = pool.derive(photos.jpeg(4000, 3000))
    assert [shown(result, size).size for size in rules.SIZES] == [(1600, 1200), (480, 360), (160, 120)]
    assert isinstance(result, sandbox.Readable)
    assert (result.width, result.height) == (4000, 3000)


def test_a_small_picture_is_not_blown_up(pool: sandbox.Pool) -> None:
    result = pool.derive(photos.jpeg(300, 200))
    assert [shown(result, size).size for size in rules.SIZES] == [(300, 200), (300, 200), (160, 107)]


@pytest.mark.parametrize(
    ("orientation", "expected", "size"),
    [
        (1, ["red", "green", "blue"], (400, 300)),
        (2, ["green", "red", "?"], (400, 300)),
        (3, ["?", "blue", "green"], (400, 300)),
        (4, ["blue", "?", "red"], (400, 300)),
        (5, ["red", "blue", "green"], (300, 400)),
        (6, ["blue", "red", "?"], (300, 400)),
        (7, ["?", "green", "blue"], (300, 400)),
        (8, ["green", "?", "red"], (300, 400)),
    ],
)
def test_orientation_is_applied(
    pool: sandbox.Pool, orientation: int, expected: list[str], size: tuple[int, int]
) -> None:
    """S-44."""
    result = pool.derive(photos.camera_jpeg(orientation=orientation))
    assert corners(shown(result)) == expected
    assert isinstance(result, sandbox.Readable)
    assert (result.width, result.height) == size


def test_a_heic_is_turned_once_and_not_twice(pool: sandbox.Pool) -> None:
    result = pool.derive(photos.heic(orientation=6))
    assert corners(shown(result)) == ["blue", "red", "?"]
    assert shown(result).size == (300, 400)


def test_time_and_place_are_read_from_exif(pool: sandbox.Pool) -> None:
    """S-45."""
    for content in (photos.camera_jpeg(), photos.png(), photos.webp(), photos.heic()):
        result = pool.derive(content)
        assert isinstance(result, sandbox.Readable)
        assert result.told["taken_at"] == photos.TAKEN_AT
        assert result.told["lat"] == pytest.approx(photos.GPS_LAT, abs=1e-6)
        assert result.told["lon"] == pytest.approx(photos.GPS_LON, abs=1e-6)


def test_colours_are_brought_to_srgb(pool: sandbox.Pool) -> None:
    assert corners(shown(pool.derive(photos.wide_gamut_jpeg()))) == ["green", "red", "blue"]


def test_what_is_see_through_is_shown_on_white(pool: sandbox.Pool) -> None:
    assert shown(pool.derive(photos.see_through_png())).getpixel((20, 15)) == (255, 255, 255)


def test_sixteen_bits_a_pixel_are_not_clipped(pool: sandbox.Pool) -> None:
    assert shown(pool.derive(photos.deep_grey_png())).getpixel((20, 15)) == (192, 192, 192)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp", "heic"])
def test_a_truncated_photo_is_unreadable(pool: sandbox.Pool, name: str) -> None:
    content = GOOD[name]()
    assert pool.derive(content[: len(content) // 3]) == sandbox.Unreadable("damaged")


def test_first_bytes_alone_are_unreadable(pool: sandbox.Pool) -> None:
    for content in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", photos.heic()[:64]):
        assert pool.derive(content) == sandbox.Unreadable("damaged")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (photos.png_bomb(13_000), "too_many_pixels"),
        (photos.png_bomb(7_100), "too_many_pixels"),
        (photos.lying_jpeg(60_000, 60_000), "too_many_pixels"),
        (photos.many_scans_jpeg(), "damaged"),
    ],
)
def test_bombs_are_refused_before_they_are_decoded(pool: sandbox.Pool, content: bytes, reason: str) -> None:
    """S-42, S-43: 20 kB that promise 169 megapixels, and 10³ scans over 49 megapixels."""
    assert pool.derive(content) == sandbox.Unreadable(reason)


def test_many_chunks_do_not_eat_the_memory_of_the_service(pool: sandbox.Pool) -> None:
    """S-43."""
    before = psutil.Process().memory_info().rss
    assert isinstance(pool.derive(photos.png_with_many_chunks()), sandbox.Unreadable)
    assert psutil.Process().memory_info().rss - before < 50 << 20


def test_after_a_bad_photo_the_next_good_one_is_shown(pool: sandbox.Pool) -> None:
    for _ in range(3):
        assert isinstance(pool.derive(photos.jpeg()[:500]), sandbox.Unreadable)
        assert isinstance(pool.derive(photos.jpeg()), sandbox.Readable)


def test_many_threads_share_two_children(pool: sandbox.Pool) -> None:
    contents = [photos.jpeg(seed=seed) for seed in range(4)] * 6
    with ThreadPoolExecutor(12) as threads:
        results = list(threads.map(pool.derive, contents))
    assert all(isinstance(result, sandbox.Readable) for result in results)
    assert all(results[i] == results[i % 4] for i in range(len(results)))
    assert len(pool.idle) <= sandbox.CHILDREN


def test_a_child_is_replaced_after_its_share_of_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "PHOTOS_A_CHILD", 2)
    opened = sandbox.Pool(size=1)
    pids: list[int] = []
    for _ in range(4):
        opened.derive(photos.jpeg())
        pids.append(opened.idle[0].process.pid)
    opened.close()
    assert pids[0] != pids[1] == pids[2] != pids[3]


def test_when_no_child_becomes_free_the_sender_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0.01)
    with pytest.raises(PhotosBusy):
        sandbox.Pool(size=0).derive(photos.jpeg())


def test_the_service_itself_never_loads_a_picture_library() -> None:
    """S-42: what is not loaded cannot be attacked."""
    code = "import sys, backend.media.service, backend.media.jobs; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_child_has_nothing_in_reach(pool: sandbox.Pool) -> None:
    """S-42: limits, descriptors, environment, folder, user and network of a child as the kernel reports them."""
    pool.derive(photos.jpeg())
    child = pool.idle[0]
    process = Path("/proc", str(child.process.pid))
    limits = {line[:25].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()[1:]}
    assert limits["Max address space"] == [str(512 << 20)] * 2
    assert limits["Max open files"] == ["3", "3"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max cpu time"][0]) <= 2 * sandbox.CPU_SECONDS + 60
    status = (process / "status").read_text()
    assert "NoNewPrivs:\t1" in status
    if os.geteuid() == 0:
        uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
        assert "0" not in uids
        assert sorted((process / "fd").iterdir(), key=str) == [process / "fd" / name for name in ("0", "1", "2")]
        assert (process / "cwd").readlink() == Path("/")
        environment = (process / "environ").read_bytes().split(b"\0")
        assert {entry.split(b"=")[0] for entry in environment if entry} <= {b"MALLOC_ARENA_MAX", b"LC_ALL"}
        assert (process / "ns/net").readlink() != Path("/proc/self/ns/net").readlink()


ESCAPE = """
import json, os, socket, sys
sys.argv = ["decoder", sys.argv[1]]
sys.path.insert(0, {folder!r})
import decoder
limits = decoder.Limits(**json.loads(sys.argv[1]))
decoder.prepare(limits)
decoder.shut_in(limits)
def fails(act):
    try:
        act()
    except (OSError, MemoryError):
        return True
    return False
acts = dict(
    read=lambda: os.open("/etc/passwd", os.O_RDONLY),
    write=lambda: os.open("/tmp/green-escape", os.O_CREAT | os.O_WRONLY),
    folder=lambda: os.listdir("/"),
    tcp=lambda: socket.socket(),
    unix=lambda: socket.socket(socket.AF_UNIX),
    memory=lambda: bytearray(600 << 20),
)
print(json.dumps([name for name, act in acts.items() if not fails(act)]))
"""


def test_even_code_of_an_attacker_reaches_no_file_no_network_and_little_memory(tmp_path: Path) -> None:
    """S-42: run the attempts inside the shut-in program."""
    limits = '{"max_pixels": 50000000, "sizes": [160], "memory_bytes": 536870912, "cpu_seconds": 5}'
    program = tmp_path / "escape.py"
    program.write_text(ESCAPE.format(folder=str(Path(sandbox.__file__).parent)))
    done = subprocess.run([sys.executable, str(program), limits], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr
