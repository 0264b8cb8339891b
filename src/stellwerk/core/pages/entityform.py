"""The base class of all entity forms: localised input, limited choices, values for the services."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models
from django.forms.models import ModelFormMetaclass
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from stellwerk.core import formats
from stellwerk.core.errors import Invalid
from stellwerk.core.models import Entity, User
from stellwerk.core.pages.fields import (
    DayField,
    LocalDecimalField,
    LocalIntegerField,
    MoneyField,
    limit_choices,
    share_options,
)
from stellwerk.core.words import currency_of

LONG_TEXT = 10_000


def _without_dashes(made: forms.Field | None) -> forms.Field | None:
    """No choice is a dash like everywhere on screen, not Django's nine."""
    if isinstance(made, forms.ChoiceField):
        choices = cast("Iterable[tuple[Any, Any]]", made.choices)
        made.choices = [("", formats.NO_DATA) if value in ("", None) else (value, text) for value, text in choices]
    return made


def localised_field(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """The form field of a model field: ours for numbers, days and money, Django's for the rest."""
    if field.choices:
        return _without_dashes(field.formfield(**options))
    if "form_class" in options or isinstance(field, models.ForeignKey | models.ManyToManyField):
        return field.formfield(**options)
    if isinstance(field, models.BigIntegerField):
        options.setdefault("help_text", "")
        return field.formfield(form_class=cast("type[forms.Field]", _money), **options)
    if isinstance(field, models.DateTimeField):
        return field.formfield(**options)
    if isinstance(field, models.DateField):
        return field.formfield(form_class=DayField, **options)
    if isinstance(field, models.DecimalField):
        return field.formfield(form_class=LocalDecimalField, **options)
    if isinstance(field, models.IntegerField):
        return field.formfield(form_class=LocalIntegerField, **options)
    if isinstance(field, models.URLField):
        return field.formfield(assume_scheme="https", **options)
    if isinstance(field, models.TextField):
        options.setdefault(
            "widget", forms.Textarea({"rows": 3, "data-autosize": "", "maxlength": field.max_length or LONG_TEXT})
        )
        return field.formfield(**options)
    return field.formfield(**options)


def _money(**options: Any) -> MoneyField:
    for unwanted in ("min_value", "max_value", "localize"):
        options.pop(unwanted, None)
    return MoneyField(**options)


class EntityFormType(ModelFormMetaclass):
    """Gives every entity form the localised fields, also where its Meta says nothing about it."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **options: Any) -> EntityFormType:
        meta = attrs.get("Meta")
        if meta is not None and not hasattr(meta, "formfield_callback"):
            meta.formfield_callback = staticmethod(localised_field)
        return super().__new__(mcs, name, bases, attrs, **options)


class EntityForm(forms.ModelForm, metaclass=EntityFormType):  # type: ignore[type-arg]
    """A form of one entity. It parses and validates; only services write.

    ``Meta.fields`` names the fields. ``user`` limits every choice of an entity to what this user may see.
    ``values()`` is what the service gets. The given object is never changed (the form works on a copy).
    ``groups`` orders the page: ``(("Dates", ("start", "finish")), …)``; fields not named follow at the end.
    """

    groups: Sequence[tuple[Any, Sequence[str]]] = ()

    def __init__(
        self,
        *args: Any,
        user: User | None = None,
        currency: str = "",
        shared: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        instance = kwargs.get("instance")
        if instance is not None:
            kwargs["instance"] = copy.copy(instance)
        super().__init__(*args, **kwargs)
        self._fix_key()
        self.user = user
        self._shared: dict[str, Any] = {} if shared is None else shared
        self._limit()
        self._set_currency(currency)

    def _fix_key(self) -> None:
        """A public key stands in addresses: free at creation, fixed afterwards."""
        if self.instance.pk is not None and isinstance(self.instance, Entity):
            self.fields.pop("key", None)

    def _limit(self) -> None:
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                limit_choices(field, self.user, self._current(name), shared=self._shared, known=self._known(name))

    def share_choices(self, name: str) -> None:
        """Lines of a table whose choices were narrowed after the form was made: read them once for all lines."""
        share_options(self.fields[name], self._current(name), self._shared, f"narrowed {name}")

    def _known(self, name: str) -> models.Model | None:
        """The chosen entry, where the instance came with it."""
        chosen = self.instance._state.fields_cache.get(name)
        return chosen if isinstance(chosen, models.Model) else None

    def _current(self, name: str) -> list[Any]:
        if self.instance.pk is None:
            return []
        value = self.initial.get(name)
        if isinstance(value, list):
            return [getattr(item, "pk", item) for item in value]
        return [] if value in (None, "") else [getattr(value, "pk", value)]

    def _set_currency(self, given: str) -> None:
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                typed = self.data.get(self.add_prefix(field.currency_field), "") if self.is_bound else ""
                typed = str(typed).strip().upper()
                usable = typed if len(typed) == 3 and typed.isalpha() else ""
                field.currency = usable or given or currency_of(self.instance) or field.currency

    def values(self) -> dict[str, Any]:
        """The cleaned values of the model's fields, ready for ``services.create`` and ``services.edit``."""
        known = {field.name for field in (*self._meta.model._meta.fields, *self._meta.model._meta.many_to_many)}
        return {name: value for name, value in self.cleaned_data.items() if name in known}

    def take_errors(self, refusal: Invalid) -> None:
        """Put a service's field errors at the fields; unknown fields are shown above the form."""
        for name, texts in refusal.errors.items():
            place = name if name in self.fields else NON_FIELD_ERRORS
            for text in texts:
                label = "" if name in self.fields or name == "__all__" else f"{self._label(name)}: "
                if label + text not in self.errors.get(place, []):
                    self.add_error(None if place == NON_FIELD_ERRORS else place, label + text)

    def forget_errors(self) -> None:
        """Show what was typed without judging it (a reader who only asked for more lines)."""
        self._errors: Any = ErrorDict()

    def layout(self) -> list[dict[str, Any]]:
        """Groups of fields for the template: long texts take the whole width, the others stand two in a row."""
        rest = [field.name for field in self.visible_fields()]
        groups = []
        for title, names in self.groups:
            here = [name for name in names if name in rest]
            rest = [name for name in rest if name not in here]
            if here:
                groups.append({"title": title, "blocks": self._blocks(here)})
        if rest:
            groups.append({"title": "", "blocks": self._blocks(rest)})
        return groups

    def _blocks(self, names: list[str]) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = []
        for name in names:
            wide = isinstance(
                self.fields[name].widget, (forms.Textarea, forms.CheckboxSelectMultiple, forms.SelectMultiple)
            )
            if wide or not blocks or blocks[-1]["wide"]:
                blocks.append({"wide": wide, "fields": []})
            blocks[-1]["fields"].append(self[name])
        return blocks

    def _label(self, name: str) -> str:
        from stellwerk.core.words import field_label

        return field_label(self._meta.model, name)


def typed(form: forms.BaseForm, name: str) -> list[str]:
    """How the unbound form would post this field: used to put a stored value in place of what was typed."""
    bound = form[name]
    value = bound.value()
    widget = bound.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return ["on"] if value else []
    if isinstance(widget, (forms.SelectMultiple, forms.CheckboxSelectMultiple)):
        return [str(item) for item in (value or [])]
    shown = widget.format_value(value)
    if isinstance(shown, list):
        return [str(item) for item in shown]
    return [] if shown is None else [str(shown)]


def with_values(data: MultiValueDict[str, str], form: forms.BaseForm, names: list[str]) -> MultiValueDict[str, str]:
    """A copy of posted data in which ``names`` carry what ``form`` (unbound, of the stored object) shows."""
    fresh = data.copy()
    for name in names:
        fresh.setlist(form.add_prefix(name), typed(form, name))
    return fresh
