"""Where a page may send a browser: to a path of this site and nowhere else (S-59)."""

import re

_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_~.%?=&-]*")
LONGEST_PATH = 500


def own_path(text: str | None, default: str = "/") -> str:
    """Return `text` if it is a plain path of this site, else `default`."""
    if text and len(text) <= LONGEST_PATH and _PATH.fullmatch(text):
        return text
    return default
