"""``python -m benchmarks.match_quality``: how well matching finds the right people of the golden set, beside a keyword search.

Everybody reads the same texts. The matcher recognises terms of our vocabulary in them and weighs them with the facts; the keyword search is
BM25 over word stems, once alone and once halved for each of the matcher's gates that is shut. Both halves of the first set have been looked
at; ``--set second`` and ``--set third`` are held out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks.golden import SECOND, THIRD, Golden, read_golden
from stellwerk.engine.matching import Held, Job, Kind, Match, Person, Place, SkillNeed, Weights, Wishes, match
from stellwerk.staffing.own_words import Rarity, wording, words_of
from stellwerk.staffing.recognise import fold, stem, terms_in
from stellwerk.staffing.vocabulary import neighbours, vocabulary

TODAY: Final = dt.date(2026, 12, 1)
TOWNS: Final = {
    "Berlin": (52.52, 13.40), "Bonn": (50.73, 7.10), "Bremen": (53.08, 8.80), "Dortmund": (51.51, 7.47), "Dresden": (51.05, 13.74),
    "Düsseldorf": (51.23, 6.78), "Frankfurt": (50.11, 8.68), "Hamburg": (53.55, 10.00), "Hannover": (52.37, 9.73), "Köln": (50.94, 6.96),
    "Leipzig": (51.34, 12.37), "München": (48.14, 11.58), "Nürnberg": (49.45, 11.08), "Stuttgart": (48.78, 9.18), "Wien": (48.21, 16.37),
    "Zürich": (47.38, 8.54),
}  # fmt: skip
NUMBERS: Final = {code: number for number, code in enumerate(sorted(vocabulary()), 1)}
Ranking = Mapping[str, Sequence[str]]
HELD_OUT: Final = {"second": SECOND, "third": THIRD}


# ── the same texts for everybody ─────────────────────────────────────────────────────────────────


def weights() -> Weights:
    credits = {(NUMBERS[one], NUMBERS[other]): credit for (one, other), credit in neighbours().items()}
    return Weights(neighbours={(min(pair), max(pair)): credit for pair, credit in credits.items()})


def job(row: Mapping[str, str], rarity: Rarity) -> Job:
    must, nice = _musts(row["text"])
    musts = _terms(f"{must}", "discipline", "method", "tool")
    others = [code for code in _terms(nice, "discipline", "method", "tool") if code not in musts]
    titled = [code for code in _terms(row["title"], "discipline", "method", "tool") if code not in (*musts, *others)]
    needs = [SkillNeed(NUMBERS[code], 3) for code in musts]
    needs += [SkillNeed(NUMBERS[code], 2, Kind.SHOULD) for code in titled]
    needs += [SkillNeed(NUMBERS[code], 2, Kind.NICE) for code in others]
    text = f"{row['title']} {row['text']}"
    industries = _terms(text, "industry")
    soft, certificates = _terms(text, "soft"), _terms(text, "certificate")
    start = dt.date.fromisoformat(row["start"])
    covered = (*musts, *others, *titled, *soft, *certificates, *industries[:1])
    return Job(
        1, tuple(needs), soft={NUMBERS[code]: 2 for code in soft},
        languages=_languages(row["languages"]), certificates=frozenset(NUMBERS[code] for code in certificates),
        industry=NUMBERS[industries[0]] if industries else None, contract=row["contract"], start=start,
        latest_start=start + dt.timedelta(days=14), workload=_pair(row["workload"]), pays=int(row["pays"]),
        place=_place(row["city"]), remote=int(row["remote"]),
        words=wording([text], covered, rarity, row["city"]).job_forms,
    )  # fmt: skip


def person(row: Mapping[str, str], number: int) -> Person:
    years = int(row["years"])
    level = 4 if years >= 10 else 3 if years >= 5 else 2
    text = row["text"]
    return Person(
        number, {NUMBERS[code]: Held(level) for code in _terms(text, "discipline", "method", "tool")},
        soft={NUMBERS[code]: 3 for code in _terms(text, "soft")}, languages=_languages(row["languages"]),
        certificates=frozenset(NUMBERS[code] for code in _terms(text, "certificate")), years=years,
        industries=frozenset(NUMBERS[code] for code in _terms(text, "industry")),
        contracts=frozenset(row["contracts"].split(",")), available=dt.date.fromisoformat(row["available"]),
        workload=_pair(row["workload"]), asks=int(row["asks"]), place=_place(row["city"]), radius=int(row["radius"]),
        wishes=Wishes(remote=int(row["remote"])), words=tuple(words_of(text)),
    )  # fmt: skip


def _musts(text: str) -> tuple[str, str]:
    """What a text asks for before and after it says that the rest is only wished for."""
    parts = re.split(
        r"\b(?:wünschenswert|von Vorteil|idealerweise|nice(?: to have)?|ideally)\b:?",
        text,
        maxsplit=1,
        flags=re.IGNORECASE,
    )
    if len(parts) == 1:
        return text.partition(". ")[0], text.partition(". ")[2]
    return parts[0], parts[1]


def _terms(text: str, *kinds: str) -> list[str]:
    return [code for code in terms_in(text) if vocabulary()[code].kind in kinds]


def _languages(cell: str) -> dict[str, int]:
    return {part[:2]: int(part[2:]) for part in cell.split()}


def _place(city: str) -> Place | None:
    """As the product finds it; of several towns the largest (a label of this set means no other)."""
    if city in TOWNS:
        return Place(*TOWNS[city])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stellwerk.config.settings")
    from stellwerk.staffing.towns import Several, town_called

    try:
        town = town_called(city)
    except Several as several:
        town = several.towns[0]
    return Place(town.latitude, town.longitude) if town is not None else None


def _pair(cell: str) -> tuple[int, int]:
    least, most = (int(part) for part in cell.split("-"))
    return least, most


# ── rankings ─────────────────────────────────────────────────────────────────────────────────────


def matched(golden: Golden, vacancies: Sequence[Mapping[str, str]]) -> dict[str, list[Match]]:
    """All profiles compared with each vacancy."""
    people, law = [person(row, number) for number, row in enumerate(golden.profiles)], weights()
    rarity = Rarity.of(one.words for one in people)
    jobs = {row["id"]: job(row, rarity) for row in vacancies}
    return {vacancy: [match(one, who, law, TODAY) for who in people] for vacancy, one in jobs.items()}


def by_match(golden: Golden, found: Mapping[str, Sequence[Match]]) -> Ranking:
    """One list of all: those who may be proposed and near misses by ``Match.nearness``."""
    return {
        vacancy: [
            golden.profiles[one.person]["id"] for one in sorted(rows, key=lambda one: (-one.nearness, one.person))
        ]
        for vacancy, rows in found.items()
    }


def words(text: str) -> list[str]:
    return [stem(word) for word in fold(text).split()]


def bm25(query: str, documents: Sequence[str], k1: float = 1.2, b: float = 0.75) -> list[float]:
    """Okapi BM25 (Robertson and Zaragoza 2009) over word stems."""
    bags = [Counter(words(text)) for text in documents]
    middle = statistics.mean(sum(bag.values()) for bag in bags)
    frequency = Counter(word for bag in bags for word in bag)
    scores = []
    for bag in bags:
        length = k1 * (1 - b + b * sum(bag.values()) / middle)
        scores.append(
            sum(
                math.log(1 + (len(bags) - frequency[word] + 0.5) / (frequency[word] + 0.5)) * bag[word] * (k1 + 1) / (bag[word] + length)
                for word in set(words(query)) if word in bag
            )
        )  # fmt: skip
    return scores


def by_keywords(golden: Golden, found: Mapping[str, Sequence[Match]], fitting: bool) -> Ranking:
    documents = [row["text"] for row in golden.profiles]
    queries = {row["id"]: f"{row['title']} {row['text']}" for row in golden.vacancies}
    ranking = {}
    for vacancy, rows in found.items():
        scored = zip(bm25(queries[vacancy], documents), rows, strict=True)
        order = sorted(
            scored,
            key=lambda pair: (-pair[0] / 2 ** (len(pair[1].gates) if fitting else 0), pair[1].person),
        )
        ranking[vacancy] = [golden.profiles[one.person]["id"] for _score, one in order]
    return ranking


# ── measures ─────────────────────────────────────────────────────────────────────────────────────


def ndcg(grades: Sequence[int], ideal: Sequence[int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with gains 2^grade - 1 (Järvelin and Kekäläinen 2002, Burges 2005)."""

    def gain(row: Sequence[int]) -> float:
        return sum((2**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(row[:depth]))

    best = gain(sorted(ideal, reverse=True))
    return gain(grades) / best if best else 0.0


def measured(golden: Golden, ranking: Ranking) -> dict[str, float]:
    """``top1``: share of vacancies whose first is a 2 or 3; ``top3``: share of first threes that are worth a look (1 to 3)."""
    rows = {vacancy: [golden.grades.get((vacancy, one), 0) for one in names] for vacancy, names in ranking.items()}
    return {
        "ndcg10": round(statistics.mean(ndcg(row, row) for row in rows.values()), 3),
        "top1": round(statistics.mean(row[0] >= 2 for row in rows.values()), 3),
        "top3": round(statistics.mean(sum(grade >= 1 for grade in row[:3]) / 3 for row in rows.values()), 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--set", choices=["first", *HELD_OUT], default="first", help="second, third: held-out sets, whole"
    )
    parser.add_argument(
        "--held-out", action="store_true", help="of the first set the half that the first version was not tuned on"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument("--show", action="store_true", help="the first five of each vacancy with their grades")
    options = parser.parse_args()
    whole = options.set in HELD_OUT
    golden = read_golden(HELD_OUT[options.set]) if whole else read_golden()
    vacancies = golden.vacancies if whole else golden.half(options.held_out)
    began = time.perf_counter()
    found = matched(golden, vacancies)
    rankings: dict[str, Callable[[], Ranking]] = {
        "matching": lambda: by_match(golden, found),
        "keywords": lambda: by_keywords(golden, found, fitting=False),
        "keywords_fitting": lambda: by_keywords(golden, found, fitting=True),
    }
    told: dict[str, Any] = {"set": options.set, "half": "whole" if whole else "even" if options.held_out else "odd", "vacancies": len(vacancies), "profiles": len(golden.profiles)}  # fmt: skip
    told |= {name: measured(golden, ranking()) for name, ranking in rankings.items()}
    told["seconds"] = round(time.perf_counter() - began, 2)
    if options.show and not whole:
        for vacancy, names in rankings["matching"]().items():
            grades = [f"{one}:{golden.grades.get((vacancy, one), 0)}" for one in names[:5]]
            print(vacancy, *grades, "| missed", *(one for (of, one), grade in golden.grades.items() if of == vacancy and grade > 1 and one not in names[:3]))  # fmt: skip
    print(json.dumps(told, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
