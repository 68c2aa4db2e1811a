"""Photos as people send them, made once for a run."""

import random
from functools import cache

from tests.browser.devices import Photo
from tests.fixtures import photos


@cache
def street(name: str = "IMG_1.jpg", *, width: int = 2000, height: int = 1500) -> Photo:
    """Return a photo from a phone: some megabytes, with EXIF and a place."""
    return Photo(name, photos.noisy_jpeg(width, height))


@cache
def small(seed: int = 1) -> Photo:
    """Return a photo that needs no shrinking."""
    return Photo(f"small-{seed}.jpg", photos.jpeg(320, 240, seed=seed))


@cache
def iphone() -> Photo:
    """Return a HEIC as an iPhone hands it over."""
    return Photo("IMG_2.heic", photos.heic())


@cache
def bomb() -> Photo:
    """Return 20 kB that would be 169 million pixels."""
    return Photo("很大很大.png", photos.png_bomb())


def text_file() -> Photo:
    """Return a file that is no photo."""
    return Photo("说明.txt", "这不是照片".encode())


def empty() -> Photo:
    """Return a file without a byte."""
    return Photo("空的.jpg", b"")


@cache
def huge() -> Photo:
    """Return 20 MB that no browser can open and thus not shrink."""
    return Photo("巨大.jpg", photos.jpeg(64, 48)[:600] + random.Random(20).randbytes(20_000_000))


def truncated() -> Photo:
    """Return a photo whose second half was lost."""
    whole = photos.noisy_jpeg(800, 600)
    return Photo("半张.jpg", whole[: len(whole) // 2])
