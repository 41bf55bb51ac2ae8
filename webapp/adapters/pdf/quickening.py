"""What makes the libraries quick for many letters of one kind; a letter looks the same without it.

Style sheets are parsed once, not once a letter: all but those with an @page rule, whose frames belong to one document. Which
rules an element gets is worked out once for all letters that are built of the same elements; their words play no part in it.
Streams are written as they are instead of as ASCII, which every reader and every signature takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from xml.dom.minidom import Node

from reportlab import rl_config  # type: ignore[import-untyped]  # it ships no types
from xhtml2pdf.context import pisaContext
from xhtml2pdf.w3c.css import CSSCascadeStrategy

MOST_SHEETS = 32
MOST_BUILDS = 32  # of letters: language, rare characters, one page or two …


@lru_cache(maxsize=MOST_SHEETS)
def _sheet(_source: str, _text: str) -> dict[str, Any]:
    """Room for a style sheet as it was parsed."""
    return {}


@lru_cache(maxsize=MOST_BUILDS)
def _matches(_build: tuple[Any, ...]) -> dict[Any, dict[str, Any]]:
    """Room for the rules that each element gets in letters built alike."""
    return {}


def quicken() -> None:
    """Wraps the parser and the matcher of style sheets; a second call changes nothing. The caller holds a lock, as for each letter."""
    parse: Any = pisaContext._parseCSSSource
    match: Any = CSSCascadeStrategy.findStylesForElement
    if getattr(parse, "quickened", False):
        return

    def parse_once(self: Any, text: str, source: str) -> Any:
        if "@" in text:
            return parse(self, text, source)
        kept = _sheet(source, text)
        if not kept:
            kept["parsed"] = parse(self, text, source)
        return kept["parsed"]

    def match_once(self: Any, element: Any, names: Any) -> dict[str, Any]:
        node = element.domElement
        matched = _matched(node.ownerDocument)
        key = (node.place, getattr(element, "pseudoElement", None), names)
        if key not in matched:
            matched[key] = match(self, element, names)
        return dict(matched[key])

    parse_once.quickened = True  # type: ignore[attr-defined]  # so that it is wrapped only once
    pisaContext._parseCSSSource = parse_once
    CSSCascadeStrategy.findStylesForElement = match_once
    rl_config.useA85 = 0


def _matched(document: Any) -> dict[Any, dict[str, Any]]:
    """What was matched in letters built alike: by all that selectors can go by, style sheets, elements, attributes, what is empty."""
    if not hasattr(document, "matched"):
        build = tuple(_part(node, place) for place, node in enumerate(_elements(document)))
        document.matched = _matches(build)
    matched: dict[Any, dict[str, Any]] = document.matched
    return matched


def _elements(node: Any) -> Iterator[Any]:
    for child in node.childNodes:
        if child.nodeType == Node.ELEMENT_NODE:
            yield child
            yield from _elements(child)


def _part(node: Any, place: int) -> tuple[Any, ...]:
    """An element and whose child it is; it is told its place, too."""
    node.place = place
    said = tuple(pair for pair in node.attributes.items() if pair[0] != "src")  # pictures come as their bytes
    sheet = node.firstChild.data if node.tagName == "style" and node.firstChild else ""
    up = getattr(node.parentNode, "place", None)
    return (node.tagName, up, said, bool(node.childNodes), sheet)
