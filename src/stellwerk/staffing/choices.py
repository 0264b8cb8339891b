"""States and choices of the staffing room (domain.md section 2, staffing.md)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PROFILE_STATES = [
    ("draft", pgettext_lazy("profile", "draft")),
    ("active", pgettext_lazy("profile", "active")),
    ("paused", pgettext_lazy("profile", "paused")),
    ("locked", pgettext_lazy("profile", "locked")),
    ("erased", pgettext_lazy("profile", "erased")),
]
VACANCY_STATES = [
    ("draft", pgettext_lazy("vacancy", "draft")),
    ("approved", pgettext_lazy("vacancy", "approved")),
    ("published", pgettext_lazy("vacancy", "published")),
    ("on_hold", pgettext_lazy("vacancy", "on hold")),
    ("filled", pgettext_lazy("vacancy", "filled")),
    ("cancelled", pgettext_lazy("vacancy", "cancelled")),
]
MATCH_STATES = [
    ("proposed", pgettext_lazy("match", "proposed")),
    ("confirmed", pgettext_lazy("match", "confirmed")),
    ("contacted", pgettext_lazy("match", "both contacted")),
    ("one_yes", pgettext_lazy("match", "one side said yes")),
    ("both_yes", pgettext_lazy("match", "both said yes")),
    ("conversation", pgettext_lazy("match", "in conversation")),
    ("contract", pgettext_lazy("match", "contract")),
    ("ended", pgettext_lazy("match", "ended")),
    ("declined", pgettext_lazy("match", "declined")),
    ("expired", pgettext_lazy("match", "expired")),
]
REVEALED = ("both_yes", "conversation", "contract", "ended")
"""From here on both sides know who the other is; ``ended`` counts only where it was revealed before (``Match.revealed_at``)."""
CONTRACT_STATES = [
    ("draft", pgettext_lazy("contract", "draft")),
    ("approved", pgettext_lazy("contract", "approved")),
    ("sent", pgettext_lazy("contract", "sent")),
    ("signed", pgettext_lazy("contract", "signed")),
    ("active", pgettext_lazy("contract", "active")),
    ("extended", pgettext_lazy("contract", "extended")),
    ("ended", pgettext_lazy("contract", "ended")),
    ("terminated", pgettext_lazy("contract", "terminated")),
]
CONSENT_STATES = [
    ("given", pgettext_lazy("consent", "given")),
    ("renewed", pgettext_lazy("consent", "renewed")),
    ("withdrawn", pgettext_lazy("consent", "withdrawn")),
    ("expired", pgettext_lazy("consent", "expired")),
]


class TermKind(models.TextChoices):
    """Kinds of terms: those of our vocabulary, skills of the organisation's catalogue or of ESCO, and words that somebody keeps as they are."""

    DISCIPLINE = "discipline", _("Discipline")
    METHOD = "method", _("Method")
    TOOL = "tool", _("Tool")
    SKILL = "skill", _("Skill")
    CERTIFICATE = "certificate", _("Certificate")
    SOFT = "soft", _("Soft skill")
    LANGUAGE = "language", _("Language")
    INDUSTRY = "industry", _("Industry")
    OWN = "own", _("Own word")


class ProfileKind(models.TextChoices):
    EMPLOYEE = "employee", _("Employee")
    APPLICANT = "applicant", _("Applicant")
    FREELANCER = "freelancer", _("Freelancer")


class ContractForm(models.TextChoices):
    """The three forms of staffing.md."""

    PERMANENT = "permanent", _("Permanent at the client")
    LENDING = "lending", _("Employed by us and assigned")
    FREELANCE = "freelance", _("Freelance project")


class PayUnit(models.TextChoices):
    HOUR = "hour", pgettext_lazy("pay", "per hour")
    YEAR = "year", pgettext_lazy("pay", "per year")


class SkillLevel(models.IntegerChoices):
    """What a profile says of itself: 1 to 4, as in the catalogue of people."""

    BASIC = 1, _("basic knowledge")
    GUIDED = 2, _("works with guidance")
    INDEPENDENT = 3, _("works independently")
    EXPERT = 4, _("expert, teaches others")


class LanguageLevel(models.IntegerChoices):
    A1 = 1, "A1"
    A2 = 2, "A2"
    B1 = 3, "B1"
    B2 = 4, "B2"
    C1 = 5, "C1"
    C2 = 6, "C2"
    NATIVE = 7, _("mother tongue")


class Known(models.TextChoices):
    """How a skill came into a profile."""

    TOLD = "told", _("told by the person")
    READ = "read", _("read from the CV")
    CONFIRMED = "confirmed", _("confirmed")


class NeedKind(models.TextChoices):
    MUST = "must", pgettext_lazy("requirement", "must")
    SHOULD = "should", pgettext_lazy("requirement", "should")
    NICE = "nice", pgettext_lazy("requirement", "nice to have")


class ConsentKind(models.TextChoices):
    PROCESS = "process", _("Processing of this application")
    POOL = "pool", _("Being kept in the pool and asked about vacancies")
    PARTNER = "partner", _("Being proposed by the partner")
    MAIL = "mail", _("Mail about new vacancies")


class Entrance(models.TextChoices):
    APPLICANT = "applicant", _("Applicant")
    FREELANCER = "freelancer", _("Freelancer")
    COMPANY = "company", _("Company that looks for people")


class Side(models.TextChoices):
    COMPANY = "company", pgettext_lazy("match", "Company")
    PERSON = "person", pgettext_lazy("match", "Person")


class Answered(models.TextChoices):
    YES = "yes", pgettext_lazy("answer", "yes")
    NO = "no", pgettext_lazy("answer", "no")
