"""Background work of the portfolio room."""

from stellwerk.portfolio.importing import jobs, undo

__all__ = ["jobs", "undo"]
