"""A word of the vocabulary as a form field: typed with suggestions, understood by any of its names in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid
from stellwerk.core.text import normalise, quoted
from stellwerk.staffing.models import EscoSkill, Term
from stellwerk.staffing.selectors.words import nearest
from stellwerk.staffing.services.terms import esco_term, own_term, terms_for
from stellwerk.staffing.vocabulary import vocabulary

SKILLS = ("discipline", "method", "tool", "certificate", "soft")
LISTED = "terms-of-vocabulary"
_QUOTED = re.compile(r"[\"„“”«»‚‘’']\s*(.+?)\s*[\"„“”«»‚‘’']")


def language() -> str:
    return "en" if (get_language() or "").startswith("en") else "de"


def names_of_terms(kinds: Iterable[str] = SKILLS) -> list[str]:
    """What is suggested while typing, in the reader's language."""
    wanted, here = set(kinds), language()
    return sorted({term.names[here] for term in vocabulary().values() if term.kind in wanted}, key=normalise)


@lru_cache(maxsize=1)
def _labels() -> dict[str, str]:
    found: dict[str, str] = {}
    for term in vocabulary().values():
        for label in sorted(term.names.values()):
            found.setdefault(normalise(label), term.code)
    for term in vocabulary().values():
        for label in sorted(term.labels()):
            found.setdefault(normalise(label), term.code)
    return found


def term_called(text: str, kinds: Iterable[str] = ()) -> Term | None:
    """The term of the vocabulary, of the organisation's catalogue or of ESCO with this name."""
    wanted = set(kinds)
    code = _labels().get(normalise(text))
    if code is not None and (not wanted or vocabulary()[code].kind in wanted):
        return terms_for([code]).get(code)
    rows = Term.objects.filter(name__iexact=text) | Term.objects.filter(name_en__iexact=text)
    known = (rows.filter(kind__in={*wanted, "skill"}) if wanted else rows).first()
    if known is not None:
        return known
    esco = EscoSkill.objects.filter(Q(name__iexact=text) | Q(name_en__iexact=text), removed_on=None).first()
    return esco_term(esco) if esco is not None else None


class TermField(forms.CharField):
    """Gives a ``Term``. ``known``: the one that stands there already; ``own``: an unknown word in quotation marks is kept as it is."""

    def __init__(self, *, kinds: Iterable[str] = SKILLS, own: bool = False, **options: Any) -> None:
        options.setdefault("max_length", 250)
        options["widget"] = forms.TextInput({"list": LISTED, "autocomplete": "off"})
        super().__init__(**options)
        self.kinds, self.own = tuple(kinds), own
        self.known: Term | None = None

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            value = self.known if self.known is not None and self.known.pk == value else Term.objects.filter(pk=value).first()  # fmt: skip
        return str(value) if isinstance(value, Term) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if self.known is not None and text == str(self.known):
            return self.known
        term = term_called(text, self.kinds)
        if term is None and self.own and (found := _QUOTED.fullmatch(text)):
            try:
                return term_called(found[1], self.kinds) or own_term(found[1])
            except Invalid as refusal:
                raise ValidationError([str(one) for rows in refusal.errors.values() for one in rows]) from None
        if term is None:
            raise ValidationError(self._unknown(text), code="unknown_term")
        return term

    def _unknown(self, text: str) -> str:
        near = nearest(text, self.kinds)
        told = _("This word is not in the vocabulary.")
        if near:
            told += " " + _("Did you mean %(words)s?") % {"words": quoted(near)}
        if self.own:
            told += " " + _("To keep it as a word of your own, put it in quotation marks: %(word)s.") % {
                "word": quoted([text])
            }
        return told

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (data or "") != (self.prepare_value(initial) or "")
