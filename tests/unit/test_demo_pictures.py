"""The demo's sample photos are pictures, differ, and carry what phones write into theirs."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from backend.cities import city
from backend.core.clock import SHANGHAI
from backend.demo import studio
from backend.demo.canvas import HEIGHT, WIDTH
from backend.demo.exif import with_exif
from backend.demo.pictures import SCENES, Picture, all_pictures, draw
from backend.demo.themes import THEMES
from backend.media import rules

SAMPLES = [Picture("outfall", 0), Picture("outfall", 1), Picture("barbecue", 0)]


@pytest.fixture(scope="module")
def samples() -> list[bytes]:
    return [draw(picture) for picture in SAMPLES]


def test_a_sample_is_a_photo_of_the_usual_size(samples: list[bytes]):
    for content in samples:
        image = Image.open(BytesIO(content))
        image.load()
        assert (image.format, image.size) == ("JPEG", (WIDTH, HEIGHT))
        assert 100_000 < len(content) < 300_000


def test_samples_differ_even_within_a_theme(samples: list[bytes]):
    tiny = {Image.open(BytesIO(content)).convert("L").resize((8, 8)).tobytes() for content in samples}
    assert len(tiny) == len(samples)


def test_a_picture_is_the_same_every_time(samples: list[bytes]):
    assert draw(SAMPLES[2]) == samples[2]


def test_every_kind_and_every_pictured_theme_has_photos():
    assert set(SCENES) == {theme.code for theme in THEMES if theme.pictured}
    assert {theme.kind for theme in THEMES if theme.pictured} == {kind.code for kind in city().kinds}
    assert len(all_pictures()) == 40


@pytest.mark.parametrize("point", [(34.581234, 105.724), None])
def test_the_exif_is_what_a_phone_writes(samples: list[bytes], point: tuple[float, float] | None):
    taken_at = datetime(2026, 3, 4, 19, 5, 6, tzinfo=SHANGHAI)
    content = with_exif(samples[0], taken_at, point)
    exif = Image.open(BytesIO(content)).getexif()
    assert exif.get_ifd(0x8769)[0x9003] == "2026:03:04 19:05:06"
    gps = exif.get_ifd(0x8825)
    if point is None:
        assert not gps
    else:
        degrees = [float(part[0] + part[1] / 60 + part[2] / 3600) for part in (gps[2], gps[4])]
        assert degrees == pytest.approx(point, abs=1e-5)
    assert rules.is_bare_jpeg(samples[0])
    assert not rules.is_bare_jpeg(content)


def test_an_interrupted_studio_draws_only_what_is_missing(tmp_path: Path):
    missing = {"barbecue-0.jpg", "night_site-1.jpg"}
    for picture in all_pictures():
        if picture.file_name not in missing:
            (tmp_path / picture.file_name).write_bytes(b"drawn before")
    with studio.drawn(tmp_path) as pictures:
        assert {theme: len(files) for theme, files in pictures.items()} == {
            theme: len(moods) for theme, (_, moods) in SCENES.items()
        }
        drawn = {path.name for files in pictures.values() for path in files if path.read_bytes() != b"drawn before"}
        assert drawn == missing
    assert not tmp_path.exists()
