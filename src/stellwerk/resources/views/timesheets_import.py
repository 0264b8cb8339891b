"""Hours from a file: choose it, see what it would write and what is wrong in which line, then take it over."""

from __future__ import annotations

import io

from django.contrib import messages
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from stellwerk.core.access import access, actor
from stellwerk.core.errors import Invalid, Refused
from stellwerk.core.permissions import can
from stellwerk.resources.services.timesheets_import import Imported, import_rows, read_rows, rows_from, try_out
from stellwerk.resources.worktime import sum_text

SALT = "resources.timesheet_import"
MOST_BYTES = 2 * 1024 * 1024
SHOWN = 200
HOUR = 3600


@require_http_methods(["GET", "HEAD", "POST"])
@access("import", "resources.timesheet")
def timesheet_import(request: HttpRequest) -> HttpResponse:
    """Nothing is stored between the two steps: the lines travel signed with the form, so that nobody else reads them."""
    user = actor(request)
    found: Imported | None = None
    error = ""
    packed = request.POST.get("rows", "")
    if request.method == "POST":
        try:
            if packed:
                rows = rows_from(signing.loads(packed, salt=f"{SALT}:{user.pk}", max_age=HOUR))
                return _done(request, import_rows(rows=rows, by=user))
            file = request.FILES.get("file")
            if not isinstance(file, UploadedFile):
                raise Invalid({"file": [_("Choose a file first.")]})
            if (file.size or 0) > MOST_BYTES:
                raise Invalid({"file": [_("This file is too large: at most 2 MB, please.")]})
            rows = read_rows(io.BytesIO(file.read()), file.name or "")
            found = try_out(rows=rows, by=user)
            good = [row.stored() for row in found.rows if not row.errors]
            packed = signing.dumps(good, salt=f"{SALT}:{user.pk}", compress=True) if good else ""
        except signing.BadSignature:
            error = _("The preview has expired. Choose the file again.")
        except Invalid as refusal:
            error = " ".join(refusal.errors.get("file", [])) or str(refusal)
        except Refused as refusal:
            error = str(refusal)
    context = {
        "found": found, "error": error, "packed": packed if found else "", "limit": MOST_BYTES,
        "wrong": found.wrong[:SHOWN] if found else [], "more": max(0, len(found.wrong) - SHOWN) if found else 0,
        "good": [row for row in found.rows if not row.errors][:SHOWN] if found else [],
        "good_count": len(found.rows) - len(found.wrong) if found else 0, "total": sum_text(found.minutes) if found else "",
        "locks": can(user, "lock", "resources.timesheet"),
    }  # fmt: skip
    return render(request, "resources/timesheet_import.html", context, status=422 if error else 200)


def _done(request: HttpRequest, result: Imported) -> HttpResponse:
    messages.success(
        request,
        ngettext(
            "%(count)s week with %(hours)s is taken over.",
            "%(count)s weeks with %(hours)s are taken over.",
            result.sheets,
        )
        % {"count": result.sheets, "hours": sum_text(result.minutes)},
    )
    if result.wrong:
        messages.warning(
            request,
            ngettext("%(count)s line was not taken.", "%(count)s lines were not taken.", len(result.wrong))
            % {"count": len(result.wrong)},
        )
    return HttpResponseRedirect(reverse("resources:timesheet-import"))
