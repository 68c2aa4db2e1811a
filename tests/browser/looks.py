"""What can be wrong with a page that nobody would call a bug: each look returns what it found, nothing when all is well."""

import re
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.devices import Theme

_AXE = Axe()
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}

VISIBLE_WORDS = """() => {
  const words = [];
  const take = (text, where) => { if (text && text.trim()) words.push(text.trim()); };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest('script, style, template, noscript, textarea, [lang=en]')) continue;
    take(node.textContent);
  }
  for (const one of document.querySelectorAll('*')) {
    if (one.closest('[lang=en]:not(html)')) continue;
    for (const name of one.getAttributeNames()) {
      const isText = name.startsWith('data-text-') || ['aria-label', 'alt', 'placeholder', 'title'].includes(name);
      if (isText) take(one.getAttribute(name));
    }
  }
  take(document.title);
  return words;
}"""
NOT_ENGLISH = re.compile(
    r"\{\w+\}"  # a place for a number that script fills in
    r"|\b(?:[0-9A-HJKMNP-TV-Z]{4}-?)+(?:…|\b)"  # a receipt and its groups
    r"|TS-[0-9A-Z]{4}-[0-9A-Z]{2}"  # a case number
    r"|SHA-256(?: [0-9a-f]{64})?|\b[0-9a-f]{8}\b"  # a digest
    r"|\b[A-Z]{1,3}-[A-Z0-9]+(?:-\d+)?\b"  # the code of a station
    r"|\b(?:CSV|JSON|XLSX|SDMX-CSV|Atom|BD-09|demo)\b|Open SDG|CC BY|\.docx"
    r"|\b[\w-]+\.(?:com|cn|json|csv|atom|txt)\b"  # a host, or the name of a file
    r"|\b(?:JPEG|PNG|WebP|HEIC|MB|KB|GPS|QR|WGS-84|GCJ-02|Cookie|Enter|English)\b"
    r"|\b[\w-]+\.(?:jpg|heic)\b"  # the name of a file
)
ENGLISH = re.compile(r"[A-Za-z]{2,}")

WIDER_THAN_THE_SCREEN = """width => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > width + 1 && getComputedStyle(one).position !== 'fixed';
  });
  return [`${root.scrollWidth} px wide`, ...wide.slice(0, 5).map(one => one.outerHTML.slice(0, 120))];
}"""


def barriers(page: Page, theme: Theme) -> list[str]:
    """Return what axe objects to in a theme."""
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found: Any = _AXE.run(page, options=_OPTIONS).response  # pyright: ignore[reportUnknownVariableType]
    violations: list[dict[str, Any]] = found["violations"]
    return [
        f"{theme}: {one['id']} at {node['target']}: {node['failureSummary']}"
        for one in violations
        for node in one["nodes"][:3]
    ]


def english_words(page: Page) -> list[str]:
    """Return English on a Chinese page, also where only a screen reader finds it."""
    texts: list[str] = page.evaluate(VISIBLE_WORDS)
    return sorted({text for text in texts if ENGLISH.search(NOT_ENGLISH.sub("", text))})


def overflow(page: Page, width: int) -> list[str]:
    """Return what makes people scroll sideways on a screen of this width."""
    page.set_viewport_size({"width": width, "height": 700})
    return page.evaluate(WIDER_THAN_THE_SCREEN, width)
