"""What the pages of profiles show: facts for completeness, groups of skills, the organisation's public texts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language

from stellwerk.core.models import Setting, User
from stellwerk.staffing.advice import Facts
from stellwerk.staffing.models import Profile
from stellwerk.staffing.selectors.profiles import SKILL_KINDS

TEXTS = "staffing.public_texts"
TEXT_NAMES = ("legal_de", "legal_en", "privacy_de", "privacy_en")


def facts_of(profile: Profile) -> Facts:
    """From the prefetched parts (``with_parts`` and stations)."""
    terms = list(profile.terms.all())
    skills = [row for row in terms if row.term.kind in SKILL_KINDS]
    return Facts(
        headline=bool(profile.headline), summary=len(profile.summary), skills=len(skills),
        levels=sum(1 for row in skills if row.level), evidence=sum(1 for row in terms if row.evidence),
        used=sum(1 for row in skills if row.used), soft=sum(1 for row in terms if row.term.kind == "soft"),
        stations=len(profile.stations.all()), languages=len(profile.languages.all()),
        certificates=sum(1 for row in terms if row.term.kind == "certificate"), available=profile.available is not None,
        workload=profile.workload_least is not None or profile.workload_most is not None,
        place=bool(profile.city) or bool(profile.remote_wish), remote=profile.remote_wish is not None,
        pay=profile.asks is not None, forms=bool(profile.contract_forms), permits=bool(profile.permits),
        wishes=len(profile.term_wishes.all()) + bool(profile.wishes),
    )  # fmt: skip


def grouped_terms(profile: Profile) -> dict[str, list[Any]]:
    """Skills, soft skills and certificates, the best first."""
    found: dict[str, list[Any]] = {"skills": [], "soft": [], "certificates": []}
    for row in sorted(profile.terms.all(), key=lambda one: (-(one.level or 0), str(one.term))):
        place = {"soft": "soft", "certificate": "certificates"}.get(row.term.kind, "skills")
        found[place].append(row)
    return found


def public_texts() -> dict[str, str]:
    """The organisation's own texts; empty: the template of the product is shown."""
    stored = Setting.objects.filter(pk=TEXTS).values_list("value", flat=True).first() or {}
    return {name: str(stored.get(name, "")) for name in TEXT_NAMES}


def public_text(name: str) -> str:
    """``legal`` or ``privacy`` in the reader's language, else in the other one."""
    texts, here = public_texts(), "en" if (get_language() or "").startswith("en") else "de"
    return texts[f"{name}_{here}"] or texts[f"{name}_{'de' if here == 'en' else 'en'}"]


def own_profile(user: User) -> Profile | None:
    return Profile.objects.filter(user=user).exclude(state="erased").first()
