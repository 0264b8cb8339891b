"""The chart of a plan as a file: PDF to print, SVG to draw on."""

from __future__ import annotations

from typing import Final, cast

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stellwerk.core.access import access, actor
from stellwerk.core.documents.numbers import Lang
from stellwerk.planning.printing.chart import FORMATS, NO_BASELINE, Format, render
from stellwerk.planning.printing.refusing import unknown, wrong
from stellwerk.planning.printing.sheet import AUTO
from stellwerk.planning.views.plan import plan_or_404

TYPES: Final = {"pdf": "application/pdf", "svg": "image/svg+xml"}
LANGUAGES: Final = ("de", "en")


@require_safe
@access("export", "portfolio.project")
def plan_export(request: HttpRequest, key: str) -> HttpResponse:
    """``?format=pdf|svg&paper=a3|a4&zoom=auto|week|month|quarter|year&baseline=<number>|none&level=&columns=wbs,name,…&lang=``."""
    plan = plan_or_404(actor(request), key, "export")
    asked = request.GET
    fmt = asked.get("format") or "pdf"
    if fmt not in FORMATS:
        raise unknown("format", FORMATS)
    language = asked.get("lang") or request.LANGUAGE_CODE
    columns = tuple(part.strip() for part in asked.get("columns", "").split(",") if part.strip())
    content = render(
        plan,
        cast(Format, fmt),
        language=cast(Lang, language if language in LANGUAGES else "de"),
        baseline=NO_BASELINE if asked.get("baseline") == "none" else _number(asked, "baseline"),
        columns=columns or None,
        zoom=asked.get("zoom") or AUTO,
        paper=asked.get("paper") or "a3",
        level=_number(asked, "level"),
    )
    name = f"{plan.key}-{timezone.localdate().isoformat()}.{fmt}"
    response = HttpResponse(content, content_type=TYPES[fmt])
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _number(asked: QueryDict, name: str) -> int | None:
    """A whole number of the address, None where it is empty."""
    text = asked.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise wrong(name, _("“%(option)s” is a whole number.") % {"option": name})
    return int(text)
