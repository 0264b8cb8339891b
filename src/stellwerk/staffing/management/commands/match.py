"""``stellwerk match --vacancy KEY``: ranked people with both scores, contributions, gates and counterfactuals."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext as _

from stellwerk.core.commands import StellwerkCommand
from stellwerk.core.errors import Refused
from stellwerk.staffing.compute_matching import Compared, frozen
from stellwerk.staffing.models import Vacancy
from stellwerk.staffing.services.matching import compare_people
from stellwerk.staffing.words_matching import Words

UNUSABLE = 2


class Command(StellwerkCommand):
    help = "Rank people for a vacancy, with the reasons for and against."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--vacancy", required=True, help="key (VAC-0001) or reference (821407)")
        parser.add_argument("--most", type=int, default=20, help="so many people of each list (20)")
        parser.add_argument("--json", action="store_true", help="print it as JSON")

    def handle(self, *args: Any, **options: Any) -> Any:
        vacancy = _vacancy(options["vacancy"])
        try:
            found = compare_people(vacancy=vacancy, by=None)
        except Refused as refusal:
            raise CommandError(str(refusal.message), returncode=UNUSABLE) from None
        most = max(1, options["most"])
        ranked, shut = found.ranked[:most], found.shut[:most]
        words = Words(found.vacancy, [frozen(one) for one in (*ranked, *shut)])
        if options["json"]:
            told = {
                "vacancy": vacancy.key, "reference": vacancy.reference, "weights": found.weights.number if found.weights else 0,
                "looked_at": found.looked_at, "ranked": [_told(one, words) for one in ranked], "why_not": [_told(one, words) for one in shut],
            }  # fmt: skip
            self.stdout.write(json.dumps(told, ensure_ascii=False))
            return 0
        self.say(f"{vacancy.key} {vacancy} · {_('%(count)s profiles compared') % {'count': found.looked_at}}")
        for number, one in enumerate(ranked, start=1):
            company, person, both = (round(value / 10) for value in one.permille)
            self.say(
                f"{number:>3}. {both:>3}  {_('company')} {company:>3}  {_('person')} {person:>3}  {one.profile.key} {one.profile}"
            )
            if change := words.change(frozen(one)):
                self.say(f"      {change}")
        for one in shut:
            reasons = "; ".join(f"{gate.label}: {gate.text}" for gate in words.gates(frozen(one)))
            self.say(f"  –  {one.profile.key} {one.profile} · {reasons}")
        return 0


def _vacancy(text: str) -> Vacancy:
    rows = Vacancy.objects.filter(archived_at=None)
    number = text.split("/")[0]
    found = rows.filter(key=text).first() or (rows.filter(number=int(number)).first() if number.isdecimal() else None)
    if found is None:
        raise CommandError(_("There is no vacancy %(key)s.") % {"key": text}, returncode=UNUSABLE)
    return found


def _told(one: Compared, words: Words) -> dict[str, Any]:
    company, person, both = one.permille
    reasons = frozen(one)
    return {
        "profile": one.profile.key, "name": one.profile.full_name, "company": company / 1000, "person": person / 1000,
        "score": both / 1000, "proposed": one.proposed, **reasons, "change_text": words.change(reasons),
        "gate_texts": [gate.text for gate in words.gates(reasons)], "missing_texts": words.missing(reasons),
    }  # fmt: skip
