"""The skill matrix of a unit as a page and as a workbook."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core.access import access, actor, fetch
from stellwerk.core.documents.numbers import Lang, Numbers
from stellwerk.core.documents.scene import Cell as SheetCell
from stellwerk.core.documents.xlsx_writer import Workbook
from stellwerk.core.permissions import can, require
from stellwerk.people.models import PersonSkill, SkillLevel, Unit
from stellwerk.people.selectors.matrix import MOST_PEOPLE, MOST_SKILLS, Matrix, skill_matrix
from stellwerk.people.selectors.profile import STATES
from stellwerk.people.services.skills import may_confirm

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _read(request: HttpRequest, key: str) -> tuple[Matrix, dict[str, Any]]:
    user = actor(request)
    unit = fetch(user, Unit.objects.select_related("organisation"), key=key)
    asked: dict[str, Any] = {
        "category": request.GET.get("category", "")[:80],
        "query": request.GET.get("q", "")[:80],
        "only_gaps": request.GET.get("gaps") == "yes",
        "below": request.GET.get("below") != "no",
    }
    return skill_matrix(user, unit, day=timezone.localdate(), **asked), asked


@require_safe
@access("view", "people.personskill")
def unit_skills(request: HttpRequest, key: str) -> HttpResponse:
    """Who can what in a unit, and what of open demand nobody there can."""
    require(actor(request), "view", "people.unit")
    matrix, asked = _read(request, key)
    user = actor(request)
    confirms = can(user, "confirm", PersonSkill)
    waiting = {"open", "expired", "soon"}
    to_confirm = {
        cell.row.pk
        for line in matrix.lines
        for cell in line.cells
        if confirms and cell.row is not None and cell.state in waiting and _may(line.person, cell.row, user)
    }
    context = {
        "matrix": matrix,
        "unit": matrix.unit,
        "asked": asked,
        "to_confirm": to_confirm,
        "needed": sorted((one for one in matrix.heads if one.demands), key=lambda one: (not one.gap, -one.hours)),
        "states": dict(STATES),
        "levels": SkillLevel.choices,
        "most_people": MOST_PEOPLE,
        "most_skills": MOST_SKILLS,
        "exports": can(user, "export", PersonSkill),
        "export_url": reverse("people:unit-skills-export", args=[key])
        + (f"?{request.GET.urlencode()}" if request.GET else ""),
    }
    return render(request, "people/unit_skills.html", context)


def _may(person: Any, row: PersonSkill, user: Any) -> bool:
    row.person = person  # read already, with its unit
    return may_confirm(row, user)


@require_safe
@access("export", "people.personskill")
def unit_skills_export(request: HttpRequest, key: str) -> HttpResponse:
    """The matrix as a workbook: the level that counts, and a sheet with demand against people."""
    require(actor(request), "view", "people.unit")
    matrix, _asked = _read(request, key)
    title = _("Skills of %(unit)s") % {"unit": matrix.unit}
    language: Lang = "de" if (get_language() or "de").startswith("de") else "en"
    book = Workbook(Numbers(language), title=title, author="Stellwerk")
    head = [_("Person"), _("Unit"), _("Project role"), *(str(one.skill) for one in matrix.heads)]
    rows = []
    for line in matrix.lines:
        person = line.person
        texts = [
            SheetCell(value=str(person)),
            SheetCell(value=str(person.unit)),
            SheetCell(value=str(person.role or "")),
        ]
        rows.append([*texts, *(SheetCell(value="" if cell.level is None else cell.level) for cell in line.cells)])
    book.sheet(_("Skill matrix"), head, rows)
    demand_head = [
        _("Skill"),
        _("Category"),
        _("People with it"),
        _("Demands"),
        _("Hours"),
        _("Level asked for"),
        _("People who reach it"),
    ]
    book.sheet(
        _("Open demand"),
        demand_head,
        (
            [SheetCell(value=str(one.skill)), SheetCell(value=one.skill.category), SheetCell(value=one.have), SheetCell(value=one.demands),
             SheetCell(value=round(one.hours)), SheetCell(value=one.level), SheetCell(value=one.reach)]
            for one in matrix.heads
        ),
    )  # fmt: skip
    answer = HttpResponse(book.finish(), content_type=XLSX)
    name = f"{slugify(title) or 'skills'}-{timezone.localdate():%Y-%m-%d}.xlsx"
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
