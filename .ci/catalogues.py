"""Keep the translations whole: every string of code and templates has its words in every catalogue, and none is left over."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "frontend" / "locales"
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:!?]|[,;:!?][\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%")


def main(wish: str) -> int:
    """Check the catalogues or bring them up to date."""
    template = extract()
    paths = sorted(LOCALES.glob("*/LC_MESSAGES/messages.po"))
    if wish == "update":
        for path in paths:
            update(path, template)
        return 0
    faults = [fault for path in paths for fault in check(path, template)]
    faults += [] if paths else [f"{LOCALES.relative_to(ROOT)}: no catalogue at all"]
    print(*faults, sep="\n")
    print(f"{len(template)} strings, {len(paths)} catalogue(s), {len(faults)} fault(s)")
    if faults:
        print("`make messages` collects new strings and drops old ones; then translate what is empty.")
    return 1 if faults else 0


def extract() -> Catalog:
    """Collect the strings that `pyproject.toml` says are shown to people."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "messages.pot"
        command = ["pybabel", "-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-k", "N_", "--sort-by-file"]
        command += ["--omit-header", "-o", str(path), str(ROOT)]
        status: Any = CommandLineInterface().run(command)
        if status:
            raise SystemExit(f"pybabel extract ended with {status}")
        return read(path)


def read(path: Path, locale: str | None = None) -> Catalog:
    """Read a catalogue."""
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def update(path: Path, template: Catalog) -> None:
    """Add what is new as empty lines, drop what is gone; guess no translation, and note no paths of this machine."""
    catalogue = read(path, path.parent.parent.name)
    catalogue.update(template, no_fuzzy_matching=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, omit_header=False, ignore_obsolete=True, no_location=True)
    empty = sum(1 for message in entries(catalogue) if not all(texts(message.string)))
    print(f"{path.relative_to(ROOT)}: {empty} to translate")


def check(path: Path, template: Catalog) -> Iterator[str]:
    """Tell what is missing, unsure, left over or broken in one catalogue."""
    catalogue = read(path, path.parent.parent.name)
    place = path.relative_to(ROOT)
    for wanted in entries(template):
        fault = compare(wanted, catalogue.get(wanted.id, wanted.context))
        if fault:
            yield f"{place}: {fault} {wanted.id!r}, from {wanted.locations[0][0] if wanted.locations else '?'}"
    for message in entries(catalogue):
        if template.get(message.id, message.context) is None:
            yield f"{place}: no longer used {message.id!r}"
    for obsolete in catalogue.obsolete.values():
        yield f"{place}: obsolete {obsolete.id!r}"


def compare(wanted: Message, found: Message | None) -> str | None:
    """Tell in a word or two what is wrong with one translation."""
    if found is None:
        return "missing"
    if not all(texts(found.string)):
        return "not translated"
    if found.fuzzy:
        return "unsure (fuzzy)"
    if any(HALF_WIDTH.search(text) for text in texts(found.string)):
        return "Western punctuation beside Chinese in"
    open_names = placeholders(texts(wanted.id)[-1])
    return "other placeholders than" if any(placeholders(text) != open_names for text in texts(found.string)) else None


def entries(catalogue: Catalog) -> Iterator[Message]:
    """Return the messages without the header."""
    return (message for message in catalogue if message.id)


def texts(string: object) -> tuple[str, ...]:
    """Return the forms of a message: one, or one for each plural."""
    if isinstance(string, str):
        return (string,)
    return tuple(str(part) for part in string) if isinstance(string, tuple | list) else ("",)


def placeholders(text: str) -> set[str]:
    """Return the names that a sentence leaves open."""
    return set(PLACEHOLDER.findall(text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else "check"))
