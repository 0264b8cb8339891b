"""The words in which vacancies and profiles are described: one row per term, so that both sides name the same number."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stellwerk.people.models import Skill
from stellwerk.staffing.choices import TermKind


class Term(models.Model):
    """A term: of our vocabulary (``code`` as there), of the organisation's catalogue (``org:SKL-0001``) or of ESCO (``esco:<id>``).

    Rows are made when a term is first used (``services.terms``); a code never changes its meaning.
    """

    code = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("type"), max_length=12, choices=TermKind.choices)
    name = models.CharField(_("name (German)"), max_length=250)
    name_en = models.CharField(_("name (English)"), max_length=250, blank=True)
    skill = models.OneToOneField(
        Skill, verbose_name=_("skill of the catalogue"), on_delete=models.SET_NULL, null=True, blank=True,
        related_name="term",
    )  # fmt: skip

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["kind", "name"], name="term_kind_name")]

    def __str__(self) -> str:
        return self.name_en if self.name_en and get_language() == "en" else self.name
