"""Terms are made when they are first used: from our vocabulary, the organisation's catalogue of skills, ESCO, or as somebody's own word."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid
from stellwerk.core.text import normalise, without_control
from stellwerk.people.models import Skill
from stellwerk.staffing.choices import TermKind
from stellwerk.staffing.models import EscoSkill, ProfileTerm, Term, VacancyTerm
from stellwerk.staffing.own_words import words_of
from stellwerk.staffing.vocabulary import vocabulary

LONGEST_OWN = 80


def terms_for(codes: Iterable[str]) -> dict[str, Term]:
    """The terms with these codes of our vocabulary, made where they are not there yet. Unknown codes are left out."""
    wanted = [code for code in dict.fromkeys(codes) if code in vocabulary() or ":" in code]
    found = Term.objects.in_bulk(wanted, field_name="code")
    missing = [code for code in wanted if code not in found and code in vocabulary()]
    if missing:
        words = [vocabulary()[code] for code in missing]
        with transaction.atomic():
            Term.objects.bulk_create(
                [Term(code=w.code, kind=w.kind, name=w.names["de"], name_en=w.names["en"]) for w in words],
                ignore_conflicts=True,  # somebody else may have used them first in the same moment
            )
        found |= Term.objects.in_bulk(missing, field_name="code")
    return found


def term_of_skill(skill: Skill) -> Term:
    """The term for a skill of the organisation's catalogue: the vocabulary's where the names are the same, else its own."""
    if (known := Term.objects.filter(skill=skill).first()) is not None:
        return known
    names = {name.casefold() for name in (skill.name, skill.name_en) if name}
    same = next(
        (code for code, word in vocabulary().items() if names & {label.casefold() for label in word.labels()}), None
    )
    if same is not None:
        term = terms_for([same])[same]
        if term.skill_id is None:
            Term.objects.filter(pk=term.pk, skill__isnull=True).update(skill=skill)
        return term
    term, _made = Term.objects.get_or_create(
        code=f"org:{skill.key}",
        defaults={"kind": "skill", "name": skill.name, "name_en": skill.name_en, "skill": skill},
    )
    return term


def own_term(text: str) -> Term:
    """A word that no list knows, kept as it is written: it is shown, and compared by its words alone. Errors: ``Invalid`` at ``term``."""
    name = " ".join(without_control(text).split())
    code = f"own:{normalise(name)}"[:120]
    if len(name) > LONGEST_OWN:
        raise Invalid({"term": [_("An own word has at most %(most)s letters.") % {"most": LONGEST_OWN}]})
    if not words_of(name):
        raise Invalid({"term": [_("This says nothing about the work, so it is not kept as a skill.")]})
    term, _made = Term.objects.get_or_create(code=code, defaults={"kind": TermKind.OWN, "name": name[:250]})
    return term


def esco_term(skill: EscoSkill) -> Term:
    """The term for a skill of ESCO: that of our vocabulary where both are one, else its own."""
    if skill.term:
        known = terms_for([skill.term]).get(skill.term)
        if known is not None:
            return known
    term, _made = Term.objects.get_or_create(
        code=f"esco:{skill.uri}",
        defaults={"kind": TermKind.SKILL, "name": skill.name or skill.name_en, "name_en": skill.name_en},
    )
    return term


def forget_own_words() -> int:
    """Own words that no profile and no vacancy names any more; how many there were."""
    used = {*ProfileTerm.objects.filter(term__kind=TermKind.OWN).values_list("term", flat=True)}
    used |= {*VacancyTerm.objects.filter(term__kind=TermKind.OWN).values_list("term", flat=True)}
    return Term.objects.filter(kind=TermKind.OWN).exclude(pk__in=used).delete()[0]
