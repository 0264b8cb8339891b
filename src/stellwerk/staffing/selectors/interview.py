"""The interview guide: the same job-related questions for everybody who is talked to about a vacancy."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from stellwerk.staffing.choices import NeedKind
from stellwerk.staffing.models import Vacancy


@dataclass(frozen=True)
class Question:
    topic: str
    text: str


def guide(vacancy: Vacancy) -> list[Question]:
    """From the musts, the shoulds, the conditions and the wishes; nothing that does not belong to the work is asked."""
    found = [Question(_("Opening"), _("What has made you interested in “%(title)s”?") % {"title": vacancy})]
    for row in vacancy.terms.select_related("term").order_by("kind", "-weight", "pk"):
        if row.kind == NeedKind.MUST:
            text = _(
                "Please tell about a piece of work in which you needed %(skill)s: what was your part, what came out of it?"
            )
        elif row.kind == NeedKind.SHOULD:
            text = _("How far have you worked with %(skill)s, and what would you need to get further?")
        else:
            continue
        found.append(Question(str(row.term), text % {"skill": row.term}))
    if vacancy.remote:
        found.append(Question(_("Place"), _("Up to %(share)s %% can be done remotely: how would you arrange your week?") % {"share": vacancy.remote}))  # fmt: skip
    if vacancy.start:
        found.append(Question(_("Start"), _("When could you begin, and what might move that day?")))
    if vacancy.wishes:
        found.append(Question(_("Wishes of the company"), vacancy.wishes))
    found.append(
        Question(_("Closing question"), _("What do you wish of this work, and what do you want to know from us?"))
    )
    return found
