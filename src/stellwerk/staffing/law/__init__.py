"""The law of staffing as pure functions with every limit as data (``docs/algorithms/law.md``). Not legal advice."""

from stellwerk.staffing.law.fairness import rejection_findings
from stellwerk.staffing.law.limits import LAW, Finding, Limits, Weight, blocked

__all__ = ["LAW", "Finding", "Limits", "Weight", "blocked", "rejection_findings"]
