"""Clients: entered by recruiters, or registered by themselves at the public entrance and accepted by a recruiter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.errors import WrongState
from stellwerk.core.models import User
from stellwerk.core.notify import notify
from stellwerk.core.permissions import require, users_who_can
from stellwerk.core.services import write
from stellwerk.staffing.choices import Entrance
from stellwerk.staffing.models import Client, ClientContact, Registration
from stellwerk.staffing.services.registrations import account, home, taken
from stellwerk.staffing.services.vacancies import create_vacancy
from stellwerk.staffing.towns import located

COMPANIES: Final = (Entrance.COMPANY,)


@transaction.atomic
def create_client(*, values: Mapping[str, Any], by: User | None) -> Client:
    """Entered by a recruiter: accepted at once. Errors: ``Invalid``, ``NotAllowed``."""
    return services.create(Client, located(values) | {"accepted_at": timezone.now()}, by=by)


@transaction.atomic
def accept_client(*, client: Client, by: User | None) -> Client:
    """A recruiter has looked at who registered. Errors: ``NotAllowed``, ``WrongState``."""
    require(by, "create", client)
    current = Client.objects.select_for_update().get(pk=client.pk)
    if current.accepted_at is not None:
        raise WrongState(_("The client has been accepted already."))
    return write(current, {"accepted_at": timezone.now()}, by=by, verb="accept")


@transaction.atomic
def confirm(*, token: str, password: str) -> tuple[Client, User]:
    """Account (client contact, its own company only), client (not accepted yet), and the need as a draft vacancy. Errors: ``Invalid``, ``Refused``."""
    row = taken(token, COMPANIES)
    data = row.data
    user = account(row=row, name=str(data.get("name", "")), password=password, role="client_contact")
    values = {
        "organisation": home(),
        "name": str(data.get("company", ""))[:160],
        "city": str(data.get("city", ""))[:120],
    }
    client = services.create(Client, located(values), by=None)
    ClientContact.objects.create(
        client=client,
        name=user.name,
        email=user.email,
        phone=str(data.get("phone", ""))[:40],
        language=row.language,
        user=user,
    )
    if need := str(data.get("need", "")).strip():
        title = str(data.get("title", "")).strip()[:150] or need.splitlines()[0][:150]
        create_vacancy(values={"client": client, "title": title, "tasks": need[:6000], "owner": user}, by=None)
    Registration.objects.filter(pk=row.pk).update(confirmed_at=timezone.now(), data={"agreed_at": data.get("agreed_at"), "text_version": data.get("text_version")})  # fmt: skip
    notify(
        users_who_can("create", client), kind="company_registered", obj=client,
        title=lambda: _("%(name)s has registered as a client") % {"name": client.name}, dedupe=f"company-{client.pk}",
    )  # fmt: skip
    return client, user
