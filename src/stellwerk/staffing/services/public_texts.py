"""Legal notice and privacy notice of the public pages, as the organisation sets them."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from stellwerk.core.models import Setting, User
from stellwerk.core.permissions import require
from stellwerk.core.services import write
from stellwerk.staffing.selectors.profile_pages import TEXT_NAMES, TEXTS


@transaction.atomic
def save_texts(*, texts: Mapping[str, str], by: User | None, version: int | None = None) -> Setting:
    """Consents given from now on name the new version. Errors: ``NotAllowed``, ``StaleEdit``."""
    row = Setting.objects.filter(pk=TEXTS).first()
    require(by, "edit", row if row is not None else Setting)
    if row is None:
        row = Setting.objects.create(name=TEXTS, value={})
        version = None
    return write(row, {"value": {name: texts.get(name, "") for name in TEXT_NAMES}}, by=by, version=version)
