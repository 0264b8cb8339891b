"""Microsoft Project XML (MSPDI), read as a stream: one calendar, task, resource or assignment in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import IO, Any

from lxml import etree

from stellwerk.planning.exchange import mspdi_fields as fields
from stellwerk.planning.exchange.check import check
from stellwerk.planning.exchange.document import (
    Assignment,
    Availability,
    Baseline,
    Document,
    Lag,
    Link,
    ProjectInfo,
    Rate,
    Resource,
    Task,
    Timephased,
)
from stellwerk.planning.exchange.kept import FieldDefinition, Kept, Value
from stellwerk.planning.exchange.limits import Limits
from stellwerk.planning.exchange.mspdi_calendars import Calendars
from stellwerk.planning.exchange.mspdi_elements import (
    Element,
    Parts,
    children_of,
    complete_elements,
    kept_of,
    tag,
    text_of,
    unit_of,
)
from stellwerk.planning.exchange.problems import refuse
from stellwerk.planning.exchange.xml import broken, iterate, refuse_document_type


def read_mspdi(stream: IO[bytes], *, limits: Limits, strict: bool = True, summary_links: bool = False) -> Document:
    """The schedule in the stream; its size has been checked.

    Raises:
        ScheduleFileError: it is not MSPDI, or has errors and ``strict``.
    """
    refuse_document_type(stream)
    return _Reader(limits).read(stream, strict=strict, summary_links=summary_links)


class _Reader(Calendars):
    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.project: dict[str, Any] = {}
        self.project_kept: list[Kept] = []
        self.version = ""
        self.tasks: list[Task] = []
        self.links: list[Link] = []
        self.resources: list[Resource] = []
        self.assignments: list[Assignment] = []
        self.definitions: list[FieldDefinition] = []
        self.pieces = 0
        self.handlers: dict[tuple[str, ...], Callable[[Element], None]] = {
            ("Calendars", "Calendar"): self._calendar,
            ("Tasks", "Task"): self._task,
            ("Resources", "Resource"): self._resource,
            ("Assignments", "Assignment"): self._assignment,
            ("ExtendedAttributes", "ExtendedAttribute"): self._definition,
        }

    # --- the stream

    def read(self, stream: IO[bytes], *, strict: bool, summary_links: bool) -> Document:
        events = iterate(stream)
        try:
            for path, element in complete_elements(events, self.limits.elements):
                self._element(path, element)
        except etree.XMLSyntaxError as problem:
            raise broken(problem, events) from None
        self.notes.at("", 0)
        document = Document(
            project=ProjectInfo(**self.project, kept=tuple(self.project_kept)),
            calendars=tuple(self.calendars),
            tasks=tuple(self.tasks),
            links=tuple(self.links),
            resources=tuple(self.resources),
            assignments=tuple(self.assignments),
            fields=tuple(self.definitions),
            format="mspdi",
            version=self.version,
            encoding="xml",
        )
        problems = self.notes.finish(check(document, summary_links=summary_links), strict=strict)
        return replace(document, warnings=problems)

    def _element(self, path: tuple[str, ...], element: Element) -> None:
        handler = self.handlers.get(path)
        if handler is not None:
            handler(element)
        elif len(path) == 1:
            self._project_field(path[0], element)
        else:
            self.notes.warn("skipped_row", element.sourceline or 0, detail="/".join(path))

    def _project_field(self, name: str, element: Element) -> None:
        self.notes.at("project", element.sourceline or 0)
        known = {field.element: field for field in fields.PROJECT}.get(name)
        if name == "SaveVersion":
            self.version = text_of(element).strip()
        elif known is None:
            self.project_kept.append(kept_of(element))
        elif text_of(element).strip():
            value = self.codecs[known.codec](text_of(element), name)
            if value is not None:
                self.project[known.attribute] = value

    # --- elements

    def _definition(self, element: Element) -> None:
        self._begin("field", element, len(self.definitions))
        parts = self._apart(element, fields.DEFINITION)
        if self._has_uid(parts.values, "id"):
            self.definitions.append(FieldDefinition(**parts.values, kept=parts.kept))

    def _task(self, element: Element) -> None:
        self._begin("task", element, len(self.tasks))
        nested = ("PredecessorLink", "ExtendedAttribute", "Baseline", "TimephasedData", "Project", "OutlineNumber")
        parts = self._apart(element, fields.TASK, nested)
        if not self._has_uid(parts.values):
            return
        if "Project" in parts.nested:
            self.notes.warn("subproject", what=self.notes.what)
        values = parts.values
        for link in parts.nested.get("PredecessorLink", []):
            self._link(link, values["uid"])
        self.tasks.append(
            Task(
                **values,
                kind="wbs" if values.get("summary") else "finish_milestone" if values.get("milestone") else "task",
                baselines=self._baselines(parts),
                values=self._values(parts),
                timephased=self._timephased(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    def _link(self, element: Element, successor: int) -> None:
        told = {tag(child): text_of(child).strip() for child in element}
        predecessor = self.notes.whole(told.get("PredecessorUID", ""), "PredecessorUID")
        if predecessor is None:
            return
        project = told.get("CrossProjectName", "") if told.get("CrossProject") in {"1", "true"} else ""
        known = {"PredecessorUID", "Type", "CrossProject", "CrossProjectName", "LinkLag", "LagFormat"}
        self.links.append(
            Link(
                predecessor,
                successor,
                type=self._choice(fields.LINK_TYPES, told.get("Type", "1"), "Type", "1"),
                lag=self._lag(told.get("LinkLag", "0") or "0", told.get("LagFormat", "7")),
                project=project or ("?" if told.get("CrossProject") in {"1", "true"} else ""),
                kept=tuple(Kept(name, value) for name, value in told.items() if name not in known),
                line=element.sourceline or 0,
            )
        )

    def _lag(self, text: str, form: str) -> Lag:
        value = self.notes.number(text, "LinkLag")
        if value is None:
            return Lag()
        number = int(form) if form.isascii() and form.isdigit() else 7
        if number % 32 in {19, 20}:
            return Lag(percent=value, elapsed=number % 32 == 20)
        unit, elapsed, _ = unit_of(form)
        return Lag(self.notes.minutes(value / 10, "LinkLag", text, signed=True) or 0, elapsed=elapsed, unit=unit)

    def _baselines(self, parts: Parts) -> tuple[Baseline, ...]:
        found = []
        for element in parts.nested.get("Baseline", []):
            inner = self._apart(element, fields.BASELINE)
            found.append(Baseline(**{"number": 0} | inner.values, kept=inner.kept))
        return tuple(found)

    def _values(self, parts: Parts) -> tuple[Value, ...]:
        found = []
        for element in parts.nested.get("ExtendedAttribute", []):
            told = {tag(child): text_of(child) for child in element}
            rest = tuple(Kept(name, value) for name, value in told.items() if name not in {"FieldID", "Value"})
            found.append(Value(told.get("FieldID", ""), told.get("Value", ""), rest))
        return tuple(found)

    def _timephased(self, parts: Parts) -> tuple[Timephased, ...]:
        found = []
        elements = parts.nested.get("TimephasedData", [])
        self.pieces += len(elements)
        if self.pieces > self.limits.pieces:
            raise refuse("too_many", self.notes.line, limit=self.limits.pieces, what="TimephasedData")
        for element in elements:
            told = {tag(child): text_of(child) for child in element}
            start = self.notes.moment(told.get("Start", ""), "TimephasedData Start")
            finish = self.notes.moment(told.get("Finish", ""), "TimephasedData Finish")
            kind = self.notes.whole(told.get("Type", ""), "TimephasedData Type")
            unit = self.notes.whole(told.get("Unit", "2"), "TimephasedData Unit")
            if start is not None and finish is not None and kind is not None and unit is not None:
                found.append(Timephased(kind, start, finish, unit, told.get("Value")))
        return tuple(found)

    def _resource(self, element: Element) -> None:
        self._begin("resource", element, len(self.resources))
        nested = ("ExtendedAttribute", "Baseline", "Rates", "AvailabilityPeriods", "IsCostResource")
        parts = self._apart(element, fields.RESOURCE, nested)
        if not self._has_uid(parts.values):
            return
        values = parts.values
        cost = parts.first("IsCostResource")
        if cost is not None and self._flag(text_of(cost), "IsCostResource"):
            values["type"] = "cost"
        rates = [self._apart(rate, fields.RATE).values for rate in children_of(parts, "Rates")]
        periods = [self._apart(one, fields.AVAILABILITY).values for one in children_of(parts, "AvailabilityPeriods")]
        self.resources.append(
            Resource(
                **values,
                rates=tuple(Rate(**{"table": 0} | rate) for rate in rates),
                availability=tuple(
                    Availability(one.get("start"), one.get("finish"), one.get("units")) for one in periods
                ),
                baselines=self._baselines(parts),
                values=self._values(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )

    def _assignment(self, element: Element) -> None:
        self._begin("assignment", element, len(self.assignments))
        parts = self._apart(element, fields.ASSIGNMENT, ("ExtendedAttribute", "Baseline", "TimephasedData"))
        if not self._has_uid(parts.values, "uid", "task"):
            return
        self.assignments.append(
            Assignment(
                **parts.values,
                baselines=self._baselines(parts),
                values=self._values(parts),
                timephased=self._timephased(parts),
                kept=parts.kept,
                line=element.sourceline or 0,
            )
        )
