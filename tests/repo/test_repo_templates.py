"""Templates compile, name their page, and hold nothing that the content security policy would have to allow."""

import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment, nodes

from backend.web.templates import environment

FORBIDDEN = {
    "|safe or Markup": re.compile(r"\|\s*safe\b|\bMarkup\b|autoescape\s+false"),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "inline style": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "another host": re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
}


@pytest.fixture(scope="module")
def world() -> Environment:
    """The environment that the pages are rendered in."""
    return environment("zh")


def test_every_template_compiles(templates: dict[str, str], world: Environment):
    assert templates
    for name in templates:
        world.get_template(name)


def test_every_page_names_itself(templates: dict[str, str], world: Environment):
    def chain(name: str) -> Iterator[nodes.Template]:
        tree = world.parse(templates[name])
        yield tree
        frame = tree.find(nodes.Extends)
        # The frame's own title is the city's name: a page that has no other does not say what it is.
        if frame and isinstance(frame.template, nodes.Const) and not frame.template.value.endswith("base.html"):
            yield from chain(frame.template.value)

    def is_titled(name: str) -> bool:
        return any(block.name == "title" and block.body for tree in chain(name) for block in tree.find_all(nodes.Block))

    pages = [name for name, text in templates.items() if "{% extends" in text and not name.endswith("base.html")]
    assert [name for name in pages if not is_titled(name)] == []


def test_every_full_page_stands_on_a_shared_frame(templates: dict[str, str]):
    whole = [name for name, text in templates.items() if "<html" in text and not name.endswith("base.html")]
    assert whole == []


@pytest.mark.parametrize("fault", FORBIDDEN)
def test_no_template_needs_an_exception_from_the_policy(templates: dict[str, str], fault: str):
    comment = re.compile(r"\{#.*?#\}", re.DOTALL)
    assert [name for name, text in templates.items() if FORBIDDEN[fault].search(comment.sub("", text))] == []


def test_drawings_hold_no_script(texts: dict[str, str]):
    active = re.compile(r"<script|\son[a-z]+\s*=|<foreignObject|href\s*=\s*[\"'](?!#)", re.IGNORECASE)
    drawings = {name: text for name, text in texts.items() if name.endswith(".svg")}
    assert [name for name, text in drawings.items() if active.search(text)] == []
