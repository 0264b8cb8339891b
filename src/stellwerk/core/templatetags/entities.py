"""Template tags of the pages that every entity shares (built in)."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from stellwerk.core import formats
from stellwerk.core.models import User
from stellwerk.core.pages.fields import MoneyField
from stellwerk.core.pages.forms import list_url
from stellwerk.core.registry import ENTITIES, MACHINES, url_of
from stellwerk.core.states import label_of, offers

register = template.Library()


def _user(context: template.Context) -> User | None:
    user = getattr(context.get("request"), "user", None)
    return user if isinstance(user, User) else None


@register.simple_tag
def state_pill(obj: models.Model) -> SafeString:
    """The state of an object as a tag; nothing for entities without a state machine."""
    machine = MACHINES.get(str(obj._meta.label_lower))
    if machine is None:
        return SafeString("")
    state = machine.state(getattr(obj, machine.field))
    return format_html('<span class="tag{}">{}</span>', " done" if state.final else "", label_of(obj))


@register.simple_tag(takes_context=True)
def transition_offers(context: template.Context, obj: models.Model) -> list[dict[str, Any]]:
    """What the reader may do next: offer, address and the id of its dialog."""
    user = _user(context)
    if user is None or str(obj._meta.label_lower) not in MACHINES or getattr(obj, "archived_at", None):
        return []
    return [
        {
            "offer": offer,
            "step": offer.transition,
            "url": reverse("core:transition", args=[obj._meta.label_lower, obj.pk, offer.transition.code]),
            "dialog": f"step-{obj.pk}-{offer.transition.code}",
            "reason": " ".join(offer.reasons),
        }
        for offer in _ordered(offers(obj, user))
    ]


def _ordered(found: list[Any]) -> list[Any]:
    """Possible steps first, the main one in front; impossible twins of a possible step are left out."""
    possible = {str(offer.transition.label) for offer in found if offer.possible}
    rows, shown = [], set()
    for offer in sorted(found, key=lambda row: (not row.possible, not row.transition.primary)):
        label = str(offer.transition.label)
        if not offer.possible and (label in possible or label in shown):
            continue
        shown.add(label)
        rows.append(offer)
    return rows


@register.simple_tag
def entity_url(name: str, obj: models.Model, *args: Any) -> str:
    """``{% entity_url "history" object %}``: the address of a shared page of this entity."""
    return reverse(f"core:{name}", args=[obj._meta.label_lower, obj.pk, *args])


@register.simple_tag
def entity_crumbs(obj: models.Model) -> SafeString:
    """Breadcrumb entries that lead to an entity: its list (where there is one) and the entity itself."""
    rows = _list_crumb(type(obj))
    rows.append((url_of(obj) or "#", getattr(obj, "key", "") or str(obj)))
    return format_html_join("", '<li><a href="{}">{}</a></li>', rows)


@register.simple_tag
def list_crumb(model: type[models.Model]) -> SafeString:
    """The breadcrumb entry of the list to which a new entry will belong."""
    return format_html_join("", '<li><a href="{}">{}</a></li>', _list_crumb(model))


def _list_crumb(model: type[models.Model]) -> list[tuple[str, str]]:
    kind, url = ENTITIES.get(str(model._meta.label_lower)), list_url(model)
    return [(url, kind.plural[:1].upper() + kind.plural[1:])] if kind is not None and url else []


@register.simple_tag
def field_unit(bound: forms.BoundField) -> str:
    """The unit behind an input box: the currency of an amount."""
    return formats.money_unit(bound.field.currency, "") if isinstance(bound.field, MoneyField) else ""


@register.simple_tag
def row_cell(bound: forms.BoundField, line: int, editable: bool = True, focus: bool = False) -> SafeString:
    """One cell of a child table: the control with a label for screen readers that names column and line."""
    attrs: dict[str, Any] = {"aria-label": f"{bound.label} {line}"}
    if bound.errors:
        attrs["aria-describedby"] = f"{bound.auto_id}_error"
    if not editable:
        attrs["disabled"] = True
    if focus:
        attrs["autofocus"] = True
    return SafeString(bound.as_widget(attrs=attrs))


@register.simple_tag(takes_context=True)
def entity_panel(context: template.Context, name: str, obj: models.Model) -> SafeString:
    """``{% entity_panel "comments" object %}``: comments, attachments, history or checks of an entity as a panel."""
    from stellwerk.core.pages.panels import context_of

    user = _user(context)
    if user is None:
        return SafeString("")
    data = context_of(name, obj, user, context.get("request"))
    return SafeString(render_to_string(f"core/panel_{name}.html", data, request=context.get("request")))


@register.simple_tag(takes_context=True)
def merged_into(context: template.Context, obj: models.Model) -> models.Model | None:
    """The entity into which this one was merged, if it was and the reader may see it."""
    from stellwerk.core.merge import merged_into as find

    user = _user(context)
    return find(obj, user) if user is not None else None


@register.simple_tag(takes_context=True)
def watch_button(context: template.Context, obj: models.Model) -> SafeString:
    """``{% watch_button object %}``: follow, or no longer."""
    from stellwerk.core.watching import is_watching

    user = _user(context)
    if user is None:
        return SafeString("")
    data = {"object": obj, "watching": is_watching(obj, user)}
    return SafeString(render_to_string("core/watch_button.html", data, request=context.get("request")))


@register.simple_tag(takes_context=True)
def undo_card(context: template.Context) -> SafeString:
    """``{% undo_card %}``: offer once to take back what was just done in one go (``offer_undo``)."""
    from stellwerk.core.pages.undo import offered

    request = context.get("request")
    found = offered(request) if request is not None else None
    return (
        SafeString(render_to_string("core/undo_card.html", {"set": found}, request=request))
        if found
        else SafeString("")
    )


@register.filter
def moment(value: Any) -> str:
    """A point in time in the reader's language: ``23.11.2026 09:15``."""
    from stellwerk.core.words import when

    return when(value) if value else formats.NO_DATA
