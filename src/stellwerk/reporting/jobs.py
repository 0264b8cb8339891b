"""Background work: the steps of the cycles by the clock, and decks."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from stellwerk.core.jobs import Progress, job
from stellwerk.core.permissions import require
from stellwerk.planning.services.aftermath import FOLLOWERS
from stellwerk.portfolio.models import Portfolio
from stellwerk.reporting import selectors
from stellwerk.reporting.pack import publish_pack, render_deck
from stellwerk.reporting.services.cycles import take_due_steps
from stellwerk.reporting.services.decks import TemplateFile, active_template, deck_name, file_of, keep_file
from stellwerk.reporting.services.following import take_over_plan

FOLLOWERS.append(take_over_plan)
WAITING = ("planned", "open", "collecting", "cut_off", "pmo_review")


@job("reporting.cycle_steps", title=gettext_lazy("Steps of the reporting cycles"), every=dt.timedelta(minutes=5))
def cycle_steps(progress: Progress) -> dict[str, Any]:
    """Take every step that is due in every cycle; each step is one transaction and happens once."""
    taken: dict[str, list[str]] = {}
    cycles = list(selectors.cycles().filter(state__in=WAITING, archived_at=None).order_by("data_date"))
    for number, cycle in enumerate(cycles, start=1):
        progress.check_cancelled()
        steps = take_due_steps(cycle=cycle)
        if steps:
            taken[cycle.key] = [step.code for step in steps if not step.skipped]
        progress.step(number, len(cycles))
    return {"steps": taken}


@job("reporting.render_deck", title=gettext_lazy("Steering committee deck"), max_attempts=2, file=file_of)
def make_deck(progress: Progress, *, portfolio: int, date: str, lang: str, fmt: str) -> dict[str, Any]:
    """Freeze the pack with what its owner may see, and render it; repeatable: the same content is frozen once."""
    user = progress.user
    row = Portfolio.objects.select_related("unit__organisation").get(pk=portfolio)
    if user is not None:
        require(user, "export", row)
    with override(user.language if user else lang):
        progress.step(0, 1, _("Collecting the figures"))
        snapshot = publish_pack(row, dt.date.fromisoformat(date) if date else None, user)
        progress.check_cancelled()
        content = io.BytesIO()

        def shown(done: int, total: int) -> None:
            progress.step(done, total, _("Drawing the slides"))
            progress.check_cancelled()

        with TemplateFile(active_template(row) if fmt == "pptx" else None) as template:
            render_deck(snapshot, lang, fmt, content, template=template, progress=shown)  # type: ignore[arg-type]
        keep_file(progress.uid, fmt, content)
    progress.result_url = reverse("reporting:deck-file", args=[progress.uid])
    return {"file": deck_name(row, snapshot.data_date, lang, fmt), "fmt": fmt, "snapshot": str(snapshot.uid)}
