"""Elements of Microsoft Project XML: streamed one by one, with their names, texts and what is only kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.document import Unit
from stellwerk.planning.exchange.kept import Kept
from stellwerk.planning.exchange.problems import refuse
from stellwerk.planning.exchange.xml import DEEPEST

Element = Any

_XMLNS = f' xmlns="{fields.NAMESPACE}"'


def tag(element: Element) -> str:
    return _local(element.tag)


@lru_cache(maxsize=4096)
def _local(name: object) -> str:
    return str(name).rpartition("}")[2]


def text_of(element: Element) -> str:
    return element.text or ""


@dataclass(frozen=True, slots=True)
class Parts:
    """An element taken apart: fields for the model, children with a handler of their own, and what is only kept."""

    values: dict[str, Any]
    nested: dict[str, list[Element]]
    kept: tuple[Kept, ...]

    def first(self, name: str) -> Element | None:
        return self.nested.get(name, [None])[0]


def complete_elements(events: etree.iterparse, most: int) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Each complete element of the first two levels below the root, with its path; then it is forgotten."""
    path: list[str] = []
    size = 0
    for event, element in events:
        if event == "start":
            path.append(tag(element))
            size += 1
            if size > most:
                raise refuse("too_many", element.sourceline or 0, limit=most, what=f"elements in {'/'.join(path[:3])}")
            if len(path) == 1 and (path[0] != "Project" or not _is_project(element)):
                raise refuse("not_mspdi", element.sourceline or 0, root=path[0])
            if len(path) > DEEPEST:
                raise refuse("xml_depth", element.sourceline or 0)
            continue
        inside = tuple(path[1:])
        path.pop()
        if len(inside) in {1, 2}:
            group_of_entities = len(inside) == 2 and inside[0] in _GROUPS
            if group_of_entities or (len(inside) == 1 and inside[0] not in _GROUPS):
                yield inside, element
            if group_of_entities or len(inside) == 1:
                _forget(element)
                size = 0


_GROUPS = {"Calendars", "Tasks", "Resources", "Assignments", "ExtendedAttributes"}


def _is_project(root: Element) -> bool:
    namespace = str(root.tag).partition("}")[0].lstrip("{") if "}" in str(root.tag) else ""
    return namespace in {"", fields.NAMESPACE} or namespace.startswith("http://schemas.microsoft.com/project")


def _forget(element: Element) -> None:
    element.clear(keep_tail=False)
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def children_of(parts: Parts, name: str) -> list[Element]:
    element = parts.first(name)
    return [] if element is None else list(element)


def unit_of(form: str) -> tuple[Unit, bool, bool]:
    """Unit, elapsed, estimated of a duration format number."""
    number = int(form) if form.strip().isascii() and form.strip().isdigit() else 7
    estimated, number = number >= 35, number % 32
    elapsed = number % 2 == 0 and number <= 14
    return fields.DURATION_UNITS.get(number - 1 if elapsed else number, "d"), elapsed, estimated


def kept_of(element: Element) -> Kept:
    if len(element) == 0 and not element.attrib:
        return Kept(tag(element), text_of(element))
    markup = etree.tostring(element, encoding="unicode", with_tail=False)
    return Kept(tag(element), markup.replace(_XMLNS, "", 1), markup=True)
