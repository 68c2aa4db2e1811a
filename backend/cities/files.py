"""Reads one YAML or CSV file and remembers on which line everything stands, so that a mistake can be shown where it is."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import ValidationError

from backend.cities.errors import CityDataError
from backend.cities.programmes import STATIONS_HEADER, SampleStation
from backend.cities.schema import DivisionRow, Entry

Where = Sequence[str | int]

_DIVISIONS_HEADER = ["code", "name", "name_en", "level", "type", "parent"]


class _TextLoader(yaml.SafeLoader):
    """A safe loader for which a date is a text and the words yes, no, on and off are not truth values."""


def _is_wanted(tag: str, first: str) -> bool:
    """Whether an unquoted word that begins with `first` may become something else than a text."""
    return tag != "tag:yaml.org,2002:timestamp" and not (tag == "tag:yaml.org,2002:bool" and first in "yYnNoO")


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if _is_wanted(tag, first)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


FileT = TypeVar("FileT")


@dataclass(frozen=True)
class Loaded(Generic[FileT]):
    """What a file holds, and how to name a place in it."""

    path: Path
    content: FileT
    line_of: Callable[[Where], int]

    def problem(self, where: Where, reason: str) -> str:
        """Name the place and the reason in one line."""
        return _problem(self.path, self.line_of(where), where, reason)


EntryT = TypeVar("EntryT", bound=Entry)


def read_yaml(path: Path, schema: type[EntryT]) -> Loaded[EntryT]:
    """Read `path` into `schema`; raise `CityDataError` with every mistake and its line."""
    text = _read(path)
    loader = _TextLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise CityDataError([f"{path}:1: the file is empty"])
        _refuse_repeated_keys(path, root)
        data: Any = loader.construct_document(root)  # pyright: ignore[reportUnknownMemberType] -- PyYAML is untyped here
        # Through JSON, because pydantic's strict mode takes a list for a tuple and a text for an enum only from there.
        as_json = json.dumps(data)
    except (yaml.MarkedYAMLError, TypeError) as error:
        raise CityDataError([_unreadable(path, error)]) from None
    finally:
        loader.dispose()

    def line_of(where: Where) -> int:
        return _line_in(root, where)

    try:
        content = schema.model_validate_json(as_json)
    except ValidationError as error:
        raise CityDataError(_explain(path, error, line_of)) from None
    return Loaded(path, content, line_of)


def read_divisions(path: Path) -> Loaded[tuple[DivisionRow, ...]]:
    """Read `divisions.csv`."""
    return _read_csv(path, _DIVISIONS_HEADER, DivisionRow)


def read_stations(path: Path) -> Loaded[tuple[SampleStation, ...]]:
    """Read `stations.csv`."""
    return _read_csv(path, STATIONS_HEADER, SampleStation)


def _read_csv(path: Path, header: list[str], schema: type[EntryT]) -> Loaded[tuple[EntryT, ...]]:
    """Read a CSV file; a place in it is `(row, column)` with rows from 0."""
    reader = csv.DictReader(io.StringIO(_read(path)))
    if reader.fieldnames != header:
        raise CityDataError([f"{path}:1: the first line must be {','.join(header)}"])
    rows: list[EntryT] = []
    lines: list[int] = []
    problems: list[str] = []
    for row in reader:
        line = reader.line_num
        if len(row) > len(header):
            problems.append(_problem(path, line, (), "more columns than the first line names"))
            continue
        try:
            rows.append(schema.model_validate(row))
            lines.append(line)
        except ValidationError as error:
            problems += _explain(path, error, lambda _, line=line: line)
    if problems:
        raise CityDataError(problems)

    def line_of(where: Where) -> int:
        return lines[int(where[0])] if where and lines else 1

    return Loaded(path, tuple(rows), line_of)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CityDataError([f"{path}: the file is missing"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CityDataError([f"{path}: cannot be read as UTF-8 text: {error}"]) from None


def _problem(path: Path, line: int, where: Where, reason: str) -> str:
    name = ""
    for part in where:
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return f"{path}:{line}: {name}: {reason}" if name else f"{path}:{line}: {reason}"


def _explain(path: Path, error: ValidationError, line_of: Callable[[Where], int]) -> list[str]:
    problems: list[str] = []
    for part in error.errors(include_url=False):
        reason = part["msg"].removeprefix("Value error, ")
        if isinstance(part["input"], str | int | float | bool) and part["type"] != "missing":
            reason += f" (it says {part['input']!r})"
        problems.append(_problem(path, line_of(part["loc"]), part["loc"], reason))
    return problems


def _unreadable(path: Path, error: yaml.MarkedYAMLError | TypeError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{path}:{error.problem_mark.line + 1}: not valid YAML: {error.problem}"
    return f"{path}: not valid YAML: {error}"


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """YAML keeps the last of two equal keys without a word; a limit given twice must not pass like that."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise CityDataError([f"{path}:{line}: the key {key.value!r} stands here a second time"])
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(path, child)


def _line_in(node: yaml.Node, where: Where) -> int:
    """Return the line of the deepest thing that `where` names; what is missing is shown where its owner starts."""
    line = node.start_mark.line + 1
    for part in where:
        child = _child(node, part)
        if child is None:
            break
        node = child
        line = node.start_mark.line + 1
    return line


def _child(node: yaml.Node, part: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part]
    return None
