"""Charts of many pages are drawn in the background; ``jobs.py`` imports this."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from stellwerk.core.errors import NotAllowed
from stellwerk.core.jobs import Progress, job
from stellwerk.core.notify import notify
from stellwerk.core.permissions import require
from stellwerk.planning.models import Plan
from stellwerk.planning.printing.chart import render
from stellwerk.planning.printing.sheet import MOST_IN_JOB
from stellwerk.planning.printing.stored import JOB, file_of, keep


@job(JOB, title=_("Chart of a plan as PDF"), max_attempts=2, file=file_of)
def draw_chart(progress: Progress, *, plan: int, options: dict[str, Any]) -> dict[str, Any]:
    """Repeatable: a second attempt replaces the file of the first."""
    user = progress.user
    if user is None:
        raise NotAllowed
    row = Plan.objects.select_related("project", "calendar").get(pk=plan)
    require(user, "export", row)
    with override(user.language):
        progress.step(0, 1, gettext("Drawing the pages"))
    content = render(row, "pdf", most_pages=MOST_IN_JOB, **options)
    progress.check_cancelled()
    keep(progress.uid, content)
    progress.result_url = f"{reverse('planning:plan-export', args=[row.key])}?job={progress.uid}"
    with override(user.language):
        title = gettext("The chart of %(name)s can be downloaded") % {"name": row.project.name}
    notify([user], kind="planning.print", title=title, obj=row.project, url=progress.result_url, mail=False)
    return {"file": f"{row.key}-{timezone.localdate().isoformat()}.pdf"}
