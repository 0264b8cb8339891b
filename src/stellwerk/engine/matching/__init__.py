"""Comparing jobs and people with care: gates, two one-sided scores, their harmonic mean, exact reasons (``docs/algorithms/matching.md``)."""

from stellwerk.engine.matching.change import Change, counterfactual
from stellwerk.engine.matching.gates import Code, Gate, gates, kilometres
from stellwerk.engine.matching.model import Held, Job, Kind, MatchingError, Person, Place, SkillNeed, Weights, Wishes
from stellwerk.engine.matching.pool import Assignment, best, exposure, stable
from stellwerk.engine.matching.score import Match, Part, Side, Topic, harmonic, match
from stellwerk.engine.matching.table import Scores, Table, rank, scores

__all__ = [
    "Assignment", "Change", "Code", "Gate", "Held", "Job", "Kind", "Match", "MatchingError", "Part", "Person", "Place", "Scores", "Side",
    "SkillNeed", "Table", "Topic", "Weights", "Wishes", "best", "counterfactual", "exposure", "gates", "harmonic", "kilometres", "match",
    "rank", "scores", "stable",
]  # fmt: skip
