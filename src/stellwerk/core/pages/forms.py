"""Create and edit pages of every entity: field errors in place, stale edits side by side, input never lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from stellwerk.core import services
from stellwerk.core.access import actor
from stellwerk.core.errors import FieldConflict, Invalid, Refused, StaleEdit, Text
from stellwerk.core.lists.spec import LISTS
from stellwerk.core.models import User
from stellwerk.core.pages.conflicts import Choice, choices_for, chosen
from stellwerk.core.pages.entityform import EntityForm, with_values
from stellwerk.core.pages.rows import Rows, RowSet
from stellwerk.core.registry import ENTITIES, url_of

SaveNew = Callable[[dict[str, Any]], models.Model]
SaveEdit = Callable[[dict[str, Any], "int | None", str], models.Model]


@dataclass
class Page:
    """What the template ``core/form.html`` shows; also what a page of its own may extend."""

    request: HttpRequest
    user: User
    title: str
    form: EntityForm
    rowsets: list[RowSet]
    submit: str
    cancel: str
    obj: models.Model | None = None
    version: int | None = None
    ask_reason: bool = False
    reason_required: bool = False
    reason: str = ""
    reason_error: str = ""
    refusal: Refused | None = None
    conflicts: list[Choice] = field(default_factory=list)
    changed_by: str = ""
    sub: str = ""
    template: str = "core/form.html"
    more: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200

    @property
    def multipart(self) -> bool:
        return self.form.is_multipart()

    @property
    def back(self) -> str:
        """Where the reader came from, if the address says so: there they return after saving."""
        return _back(self.request)

    @property
    def model(self) -> type[models.Model]:
        return self.form._meta.model

    def render(self) -> HttpResponse:
        template = "core/form_fragment.html" if getattr(self.request, "htmx", False) else self.template
        return render(
            self.request,
            template,
            {"page": self, "form": self.form, "object": self.obj, **self.more},
            status=self.status,
        )


def create_page(
    request: HttpRequest,
    form_class: type[EntityForm],
    *,
    save: SaveNew | None = None,
    title: Text = "",
    sub: Text = "",
    initial: Mapping[str, Any] | None = None,
    form_options: Mapping[str, Any] | None = None,
    rows: Sequence[Rows] = (),
    template: str = "core/form.html",
    context: Mapping[str, Any] | None = None,
    submit: Text = "",
    cancel: str = "",
    message: Text = "",
    then: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Show and handle a form that creates an entity.

    ``save(values) -> obj`` writes (default: ``services.create``); ``then(obj)`` is the address after success
    (default: the entity's page). ``initial`` may be overridden by the address (``?portfolio=3``).
    Refusals (``Invalid``, ``NotAllowed`` …) come back as the same page with the input kept.
    """
    user = actor(request)
    model = form_class._meta.model
    options = dict(form_options or {})
    posted = request.method == "POST"
    data = request.POST if posted else None
    form = form_class(
        data, request.FILES if posted else None, initial=_initial(request, form_class, initial), user=user, **options
    )
    sets = [RowSet(row, form.instance, user, data) for row in rows]
    page = Page(
        request, user, str(title) or _new_title(model), form, sets, str(submit or _("Create")), cancel or _back(request, list_url(model)),
        sub=str(sub), template=template, more=context or {},
    )  # fmt: skip
    if not posted or _add_lines(page):
        return page.render()

    def write() -> models.Model:
        obj = save(form.values()) if save else services.create(model, form.values(), by=user)
        for rowset in sets:
            rowset.save(obj, by=user, bump=False, created=True)
        return obj

    obj = _attempt(page, write)
    return page.render() if obj is None else _done(request, obj, message or _("“%(name)s” has been created."), then)


def edit_page(
    request: HttpRequest,
    form_class: type[EntityForm],
    obj: models.Model,
    *,
    save: SaveEdit | None = None,
    title: Text = "",
    sub: Text = "",
    ask_reason: bool = False,
    reason_required: bool = False,
    form_options: Mapping[str, Any] | None = None,
    rows: Sequence[Rows] = (),
    template: str = "core/form.html",
    context: Mapping[str, Any] | None = None,
    submit: Text = "",
    cancel: str = "",
    message: Text = "",
    then: Callable[[Any], str] | None = None,
) -> HttpResponse:
    """Show and handle a form that edits ``obj`` (fetched with the verb ``edit`` by the view).

    ``save(values, version, reason) -> obj`` writes (default: ``services.edit``). A stale edit shows both values of
    each field with a choice and saves against the version that is shown. ``rows`` are child tables (see ``Rows``).
    """
    user = actor(request)
    options = dict(form_options or {})
    posted = request.method == "POST"
    data = _with_choices(request, form_class, obj, user, options) if posted else None
    form = form_class(data, request.FILES if posted else None, instance=obj, user=user, **options)
    theirs = chosen(request.POST) if posted else []
    sets = [RowSet(row, obj, user, data, theirs) for row in rows]
    page = Page(
        request, user, str(title) or _("Edit “%(name)s”") % {"name": obj}, form, sets, str(submit or _("Save")),
        cancel or _back(request, url_of(obj)), obj=obj, version=getattr(obj, "version", None),
        ask_reason=ask_reason or reason_required, reason_required=reason_required, sub=str(sub), template=template,
        more=context or {},
    )  # fmt: skip
    if not posted:
        return page.render()
    seen = _version(request.POST)
    page.version = seen if seen is not None else page.version
    page.reason = request.POST.get("reason", "").strip()
    if _add_lines(page):
        return page.render()

    def write() -> models.Model:
        before = getattr(obj, "version", None)
        reason = page.reason
        saved = save(form.values(), page.version, reason) if save else _edit(obj, form, user, page.version, reason)
        for rowset in sets:
            rowset.save(saved, by=user, reason=reason, bump=getattr(saved, "version", None) == before)
        return saved

    saved = _attempt(page, write)
    return page.render() if saved is None else _done(request, saved, message or _("“%(name)s” has been saved."), then)


def _edit(obj: models.Model, form: EntityForm, user: User, version: int | None, reason: str) -> models.Model:
    return services.edit(obj, form.values(), by=user, version=version, reason=reason)


def _attempt(page: Page, write: Callable[[], models.Model]) -> models.Model | None:
    """Validate and write; on a refusal fill the page with what happened and return None."""
    fine = page.form.is_valid()
    judged = [rowset.is_valid() for rowset in page.rowsets]  # all of them, so that every error is shown at once
    fine = fine and all(judged)
    if page.reason_required and not page.reason:
        page.reason_error = _("Please give a reason.")
        fine = False
    if not fine:
        page.status = 422
        return None
    try:
        with transaction.atomic():
            return write()
    except StaleEdit as refusal:
        _show_conflicts(page, refusal)
    except Invalid as refusal:
        page.reason_error = " ".join(refusal.errors.pop("reason", []))
        page.form.take_errors(refusal)
        page.status = refusal.status
    except Refused as refusal:
        page.refusal = refusal
        page.status = refusal.status
    return None


def _show_conflicts(page: Page, refusal: StaleEdit) -> None:
    obj = page.obj
    if obj is None:
        page.refusal, page.status = refusal, refusal.status
        return
    own = [row for row in refusal.conflicts if row.field in page.form.fields]
    others = [row for row in refusal.conflicts if row.field not in page.form.fields]
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    page.conflicts = choices_for(fresh, StaleEdit(own, refusal.current_version), page.version, page.user)
    page.conflicts += [_row_choice(page, row) for row in others]
    for rowset in page.rowsets:
        rowset.refresh_versions()
    page.changed_by = refusal.changed_by
    page.version = getattr(fresh, "version", refusal.current_version)
    page.status = refusal.status


def _row_choice(page: Page, row: FieldConflict) -> Choice:
    """A cell of a child table: its model speaks for its values."""
    from stellwerk.core.words import Words, currency_of

    code, _number, name = [*row.field.split("-", 2), "", ""][:3]
    rowset = next((found for found in page.rowsets if found.rows.code == code), None)
    if rowset is None:
        return Choice(row.field, row.label, str(row.yours), str(row.theirs))
    words, model, currency = Words(page.user), rowset.rows.model, currency_of(page.obj)
    mine, theirs = (words.value(model, name, value, currency) for value in (row.yours, row.theirs))
    return Choice(row.field, row.label, mine, theirs)


def _with_choices(
    request: HttpRequest, form_class: type[EntityForm], obj: models.Model, user: User, options: Mapping[str, Any]
) -> QueryDict:
    """The posted data; where the reader chose the stored value, that value stands in its place."""
    stored = form_class(instance=obj, user=user, **options)
    names = [name for name in chosen(request.POST) if name in stored.fields]
    return with_values(request.POST, stored, names) if names else request.POST  # type: ignore[return-value]


def _add_lines(page: Page) -> bool:
    """Did the reader ask for more lines in a child table? Then nothing is judged or written."""
    for rowset in page.rowsets:
        if f"add-{rowset.rows.code}" in page.request.POST:
            for other in page.rowsets:
                other.add_lines(3 if other is rowset else 0)
            page.form.forget_errors()
            return True
    return False


def _initial(request: HttpRequest, form_class: type[EntityForm], given: Mapping[str, Any] | None) -> dict[str, Any]:
    from_address = {name: request.GET[name] for name in form_class.base_fields if name in request.GET}
    return {**(given or {}), **from_address}


def _new_title(model: type[models.Model]) -> str:
    """As the button of its list says it: a form and the way to it bear one name."""
    spec = LISTS.get(str(model._meta.label_lower))
    return str((spec and spec.create_label) or _("New: %(kind)s") % {"kind": model._meta.verbose_name})


def list_url(model: type[models.Model]) -> str:
    """The list beside an entity's page, or an empty text where there is none."""
    kind = ENTITIES.get(str(model._meta.label_lower))
    name = kind.url_name if kind is not None else ""
    try:
        return reverse(name.removesuffix("-detail") + "-list") if name.endswith("-detail") else ""
    except NoReverseMatch:
        return ""


def _version(data: QueryDict) -> int | None:
    text = data.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _back(request: HttpRequest, fallback: str = "") -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if safe_url(request, wanted) else fallback


def safe_url(request: HttpRequest, url: str) -> bool:
    """Is this an address of our own?"""
    return bool(url) and url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())


def _done(request: HttpRequest, obj: models.Model, message: Text, then: Callable[[Any], str] | None) -> HttpResponse:
    target = then(obj) if then else _back(request) or url_of(obj) or reverse("core:home")
    text = str(message)
    messages.success(request, text % {"name": obj} if "%(name)s" in text else text)
    return go(request, target)


def go(request: HttpRequest, target: str) -> HttpResponse:
    """Redirect, for htmx by its header so that the whole page changes."""
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)
