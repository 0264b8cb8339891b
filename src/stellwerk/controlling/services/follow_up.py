"""The follow-up calculation is made once, a year after go-live, and kept."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.controlling.models import BusinessCase
from stellwerk.controlling.selectors.follow_up import SNAPSHOT, due_on, follow_of, frozen, payload_of
from stellwerk.core import formats
from stellwerk.core.errors import WrongState
from stellwerk.core.models import Snapshot, User
from stellwerk.core.permissions import require
from stellwerk.core.snapshots import freeze


@transaction.atomic
def freeze_follow_up(*, case: BusinessCase, by: User | None, today: dt.date | None = None) -> Snapshot:
    """Keep the comparison as it stands today; a second one supersedes the first.

    Errors: ``NotAllowed``, ``WrongState`` (not signed, no project, not in use for a year, no year is over).
    """
    require(by, "sign", case)
    case = BusinessCase.objects.select_for_update().select_related("proposal").get(pk=case.pk)
    today = today or timezone.localdate()
    found = follow_of(case, today) if case.state == "signed" else None
    if found is None:
        raise WrongState(
            _("There is nothing to compare yet: it needs a signed case, a project and a year that is over.")
        )
    due = due_on(found.project)
    if due is None:
        raise WrongState(_("The project has no actual finish yet."), _("The follow-up calculation is due 12 months after it."))  # fmt: skip
    if due > today:
        raise WrongState(_("The follow-up calculation is due on %(day)s.") % {"day": formats.day(due)})
    return freeze(
        case, kind=SNAPSHOT, data_date=today, payload=payload_of(found), by=by, supersedes=frozen(case)
    )  # fmt: skip
