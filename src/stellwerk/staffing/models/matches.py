"""Matches of a vacancy and a profile: scores with their reasons, both sides' answers, conversation, and the log of every score."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stellwerk.core import formats
from stellwerk.core.models import Entity, Versioned
from stellwerk.core.models.history import AppendOnlyQuerySet
from stellwerk.staffing.choices import MATCH_STATES, Answered, Side
from stellwerk.staffing.models.profiles import Profile
from stellwerk.staffing.models.vacancies import Vacancy

if TYPE_CHECKING:  # the classes of Django take no types when they run
    _Small = models.PositiveSmallIntegerField[Any, Any]
else:
    _Small = models.PositiveSmallIntegerField


class ScoreField(_Small):
    """Thousandths in the database; whoever reads them sees a score of 100, in the history as on every page."""

    def in_words(self, raw: Any) -> str:
        """A value of the history: ``82,0``."""
        return formats.number(raw / 10, 1) if isinstance(raw, int) else str(raw)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """The column is one of Django: nothing to migrate."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.PositiveSmallIntegerField", list(args), dict(kwargs)


class WeightSet(Versioned):
    """One version of the weights (``engine.matching.Weights``); the active one counts, used ones never change."""

    number = models.PositiveIntegerField(_("version"), unique=True)
    values = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    active = models.BooleanField(_("active"), default=False)

    class Meta:
        verbose_name = _("version of the weights")
        verbose_name_plural = _("versions of the weights")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["active"], condition=models.Q(active=True), name="weights_one_active")
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class Match(Entity):
    """A vacancy and a profile that may fit. Scores in thousandths; ``reasons``: the frozen explanation of both sides."""

    KEY_PREFIX: ClassVar[str] = "MAT"

    vacancy = models.ForeignKey(Vacancy, verbose_name=_("vacancy"), on_delete=models.PROTECT, related_name="matches")
    profile = models.ForeignKey(Profile, verbose_name=_("profile"), on_delete=models.CASCADE, related_name="matches")
    weights = models.ForeignKey(WeightSet, on_delete=models.PROTECT, null=True, blank=True, related_name="matches")
    company_score = ScoreField(_("score for the company"), null=True, blank=True, editable=False)
    person_score = ScoreField(_("score for the person"), null=True, blank=True, editable=False)
    score = ScoreField(_("score of both sides"), null=True, blank=True, editable=False)
    reasons = models.JSONField(default=dict, blank=True, editable=False)
    override = models.CharField(_("reason for proposing all the same"), max_length=500, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=MATCH_STATES, default="proposed", editable=False)
    contacted_at = models.DateTimeField(_("contacted"), null=True, blank=True, editable=False)
    revealed_at = models.DateTimeField(_("names revealed"), null=True, blank=True, editable=False)
    ended_reason = models.CharField(_("reason"), max_length=40, blank=True, editable=False)

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "profile"],
                condition=~models.Q(state__in=["ended", "declined", "expired"]),
                name="match_once",
            )
        ]
        indexes = [models.Index(fields=["state", "contacted_at"], name="match_state")]

    def __str__(self) -> str:
        return self.key


class Answer(Versioned):
    """One side is asked by mail with a secret link that works once and for a time; only its digest is kept."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="answers")
    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField(auto_now_add=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    answer = models.CharField(_("answer"), max_length=3, choices=Answered.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    text = models.CharField(_("in own words"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["match", "side"]
        constraints = [models.UniqueConstraint(fields=["match", "side"], name="answer_once")]
        indexes = [models.Index(fields=["answer", "expires_at"], name="answer_due")]

    def __str__(self) -> str:
        return f"{self.match_id} {self.side}"


class Appointment(Versioned):
    """A talk of both sides; sent to both as iCalendar, again with a higher ``sequence`` when it changes."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="appointments")
    starts = models.DateTimeField(_("starts"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=45)
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    text = models.TextField(_("message"), max_length=2000, blank=True)
    sequence = models.PositiveSmallIntegerField(default=0, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["match", "starts"]

    def __str__(self) -> str:
        return str(self.starts)

    @property
    def over(self) -> bool:
        """It has begun: nobody moves it or takes it back any more."""
        return self.starts <= timezone.now()


class TalkNote(Versioned):
    """A note of a conversation, for the recruiters alone; job-related only."""

    match = models.ForeignKey(Match, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    text = models.TextField(_("note"), max_length=6000)
    question = models.CharField(_("question"), max_length=300, blank=True)
    rating = models.PositiveSmallIntegerField(_("rating"), null=True, blank=True)

    class Meta:
        verbose_name = _("note of a conversation")
        verbose_name_plural = _("notes of a conversation")
        ordering = ["match", "created_at", "pk"]

    def __str__(self) -> str:
        return self.text[:60]


class ScoreLog(models.Model):
    """Every score that was computed for a decision: input, weights, result, who asked. Append-only (EU AI Act, Annex III 4(a)).

    ``profile`` and ``vacancy`` by key of their rows; erasing a person blanks ``input`` and leaves the figures.
    """

    at = models.DateTimeField(auto_now_add=True)
    vacancy = models.ForeignKey(Vacancy, on_delete=models.PROTECT, related_name="score_log")
    profile = models.ForeignKey(Profile, on_delete=models.SET_NULL, null=True, related_name="score_log")
    weights = models.ForeignKey(WeightSet, on_delete=models.PROTECT, null=True, related_name="+")
    engine_version = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of input, weights and result")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    purpose = models.CharField(max_length=20, default="vacancy")
    input = models.JSONField(default=dict)
    result = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("logged score")
        verbose_name_plural = _("log of scores")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["profile", "-at"], name="scorelog_profile"),
            models.Index(fields=["vacancy", "digest"], name="scorelog_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy_id} {self.profile_id} {self.at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("the log of scores is append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("the log of scores is append-only")


class Disclosure(models.Model):
    """Voluntary self-disclosure, apart from profiles: matching cannot read it, people see sums only.

    ``token`` is derived from the profile with a secret of its own (``services.disclosure``), so that a decision can be counted by group.
    """

    token = models.CharField(max_length=64)
    trait = models.CharField(max_length=20)
    value = models.CharField(max_length=40)
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("self-disclosure")
        verbose_name_plural = _("self-disclosures")
        constraints = [models.UniqueConstraint(fields=["token", "trait"], name="disclosure_once")]

    def __str__(self) -> str:
        return self.trait
