"""Terms are made when they are first used: from our vocabulary or from the organisation's catalogue of skills."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from stellwerk.people.models import Skill
from stellwerk.staffing.models import Term
from stellwerk.staffing.vocabulary import vocabulary


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
