"""``python -m benchmarks.linking melo|techwolf|recognition DIR``: how well texts are linked to ESCO (``docs/algorithms/skills.md``).

``--letters`` leaves meaning out, as on an installation without the extra ``semantic``.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from stellwerk.staffing.esco.terms import labels_to_find
from stellwerk.staffing.linking import Linker
from stellwerk.staffing.meaning import Store, model
from stellwerk.staffing.recognise import Recogniser, terms_in
from stellwerk.staffing.vocabulary import Term

DEPTH = 100
"""MELO looks at the first hundred (its evaluator's default)."""
NO_LABEL = {"LABEL NOT PRESENT", "UNDERSPECIFIED", ""}


def store(letters: bool) -> Store | None:
    loaded = None if letters else model()
    if loaded is None:
        return None
    home = os.environ.get("STELLWERK_HOME")
    return Store((Path(home) if home else Path(tempfile.gettempdir()) / "stellwerk-benchmark") / "vectors", loaded)


def melo(folder: Path, letters: bool) -> dict[str, Any]:
    """Job titles to the labels of ESCO's occupations; equal scores as trec_eval breaks them (the greater name first)."""
    queries, corpus = _tab(folder / "queries.tsv"), _tab(folder / "corpus_elements.tsv")
    right: dict[str, set[str]] = defaultdict(set)
    for query, _zero, element, grade in _tab(folder / "annotations.tsv"):
        if int(grade) > 0:
            right[query].add(element)
    began = time.perf_counter()
    texts = list(dict.fromkeys(row[1] for row in corpus))
    linker = Linker({text: [text] for text in texts}, store(letters))
    at = {text: number for number, text in enumerate(linker.labels)}
    names = np.array([row[0] for row in corpus])
    back = np.argsort(names)[::-1]
    columns = np.array([at[row[1]] for row in corpus])[back]
    names = names[back]
    ranks: list[int] = []
    for begin in range(0, len(queries), 200):
        part = queries[begin : begin + 200]
        for (query, _text), row in zip(part, linker.scores([row[1] for row in part]), strict=True):
            order = np.argsort(-np.round(row[columns], 5), kind="stable")[:DEPTH]
            hits = [rank for rank, number in enumerate(order, 1) if names[number] in right[query]]
            ranks.append(hits[0] if hits else 0)
    found = np.array(ranks)
    return {
        "queries": len(queries),
        "mrr": round(float(np.mean([1 / rank if rank else 0 for rank in ranks])), 4),
        "hit1": round(float(np.mean(found == 1)), 4),
        "hit5": round(float(np.mean((found >= 1) & (found <= 5))), 4),
        "seconds": round(time.perf_counter() - began, 1),
        "ways": "letters" if letters or model() is None else "letters and meaning",
    }


def techwolf(folder: Path, letters: bool) -> dict[str, Any]:
    """Sentences of English job ads to ESCO 1.1.0's preferred labels, as Decorte et al. rank them; the same for the marked spans alone.

    RP@5 is the mean over sentences of (right among the first five) ÷ min(5, right ones); sentences without a label of ESCO are left out.
    """
    labels = [line.strip() for line in (folder / "skills_en_label.txt").read_text(encoding="utf-8").splitlines()]
    linker = Linker({label: [label] for label in dict.fromkeys(labels) if label}, store(letters))
    known, told = set(linker.labels), dict[str, Any]()
    began = time.perf_counter()
    for what in ("sentence", "span"):
        wanted: dict[str, set[str]] = defaultdict(set)
        for path in sorted(folder.glob("*_annotations.csv")):
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    text = (row.get("sub_span") or row.get("span") or "") if what == "span" else row["sentence"]
                    if text and row["label"] not in NO_LABEL and row["label"] in known:
                        wanted[text].add(row["label"])
        told[what] = _ranked(linker, wanted)
    one = told.pop("sentence")
    return {
        **one,
        "spans": told["span"],
        "files": [path.name for path in sorted(folder.glob("*_annotations.csv"))],
        "seconds": round(time.perf_counter() - began, 1),
    }


def _ranked(linker: Linker, wanted: Mapping[str, set[str]]) -> dict[str, Any]:
    texts = list(wanted)
    precision, reciprocal = [], []
    for begin in range(0, len(texts), 200):
        part = texts[begin : begin + 200]
        for text, row in zip(part, linker.scores(part), strict=True):
            names = [linker.labels[int(at)] for at in np.argsort(-row, kind="stable")]
            hits = [name in wanted[text] for name in names]
            precision.append(sum(hits[:5]) / min(5, len(wanted[text])))
            reciprocal.append(1 / (hits.index(True) + 1))
    return {
        "texts": len(texts),
        "rp5": round(float(np.mean(precision)) * 100, 2),
        "mrr": round(float(np.mean(reciprocal)), 4),
    }


def recognition(folder: Path, esco: Path | None) -> dict[str, Any]:
    """Words that our vocabulary's recogniser marks in English job ads, against those that people marked as skill or knowledge.

    ``esco``: with the labels of ESCO beside it, as where an organisation has imported it. ``touched``: of the marked passages (a third of them
    four words and more, a fifth of their words "and", "to", "of" …) the share of which at least one word was found.
    """
    found: dict[str, Any] = {}
    more = _esco(esco) if esco is not None else None
    sets = {"skillspan": _skillspan(folder / "skillspan_dev.json"), "jobads": _jobads(folder / "jobad_entities_testset_ccby.csv")}  # fmt: skip
    for name, sentences in sets.items():
        marked = right = total = passages = touched = 0
        for words, tags in sentences:
            text, begins, at = " ".join(words), [], 0
            for word in words:
                begins.append(at)
                at += len(word) + 1
            total += sum(tags)
            hits = [hit for hits in terms_in(text).values() for hit in hits] + (more.find(text) if more else [])
            inside = [any(one.start <= begin < one.end for one in hits) for begin in begins]
            marked, right = marked + sum(inside), right + sum(map(bool.__and__, inside, tags))
            for wanted, group in groupby(zip(tags, inside, strict=True), key=lambda pair: pair[0]):
                passages, touched = passages + wanted, touched + (wanted and any(hit for _tag, hit in group))
        found[name] = {
            "sentences": len(sentences),
            "precision": round(right / marked, 3) if marked else None,
            "recall": round(right / total, 3) if total else None,
            "touched": round(touched / passages, 3) if passages else None,
        }
    return found


def _esco(folder: Path) -> Recogniser:
    """As ``staffing/selectors/words.py`` makes it from the rows of an import."""
    csv.field_size_limit(10_000_000)
    with (folder / "skills_de_en.csv").open(encoding="utf-8", newline="") as stream:
        return Recogniser(
            [
                Term(row["uri"], "skill", {"de": labels[0]}, {"de": tuple(labels[1:])})
                for row in csv.DictReader(stream)
                if (
                    labels := labels_to_find(
                        (row["label_de"], row["label_en"]), (*row["alt_de"].split("\n"), *row["alt_en"].split("\n"))
                    )
                )
            ],
            exact=True,
        )


def _skillspan(path: Path) -> list[tuple[list[str], list[bool]]]:
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream if line.strip()]
    return [
        (row["tokens"], [a != "O" or b != "O" for a, b in zip(row["tags_skill"], row["tags_knowledge"], strict=True)])
        for row in rows
    ]


def _jobads(path: Path) -> list[tuple[list[str], list[bool]]]:
    sentences: dict[str, tuple[list[str], list[bool]]] = defaultdict(lambda: ([], []))
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            words, tags = sentences[row["sentence_id"]]
            words.append(row["word"])
            tags.append("skill" in row["tag"].lower() or "knowledge" in row["tag"].lower())
    return list(sentences.values())


def _tab(path: Path) -> Sequence[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("melo", "techwolf", "recognition"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--esco", type=Path, help="recognition: a folder with skills_de_en.csv, its labels beside ours")
    parser.add_argument("--letters", action="store_true", help="without meaning")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    options = parser.parse_args()
    if options.what == "recognition":
        told = recognition(options.folder, options.esco)
    else:
        told = {"melo": melo, "techwolf": techwolf}[options.what](options.folder, options.letters)
    print(json.dumps(told, indent=None if options.json else 1))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
