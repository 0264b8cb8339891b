"""Problems of schedule files in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stellwerk.planning.exchange import Problem


def message(problem: Problem) -> str:
    """What was found, with the line of the file."""
    text = _(problem.template) % dict(problem.params)
    return _("Line %(line)s: %(text)s") % {"line": problem.line, "text": text} if problem.line else text


def advice(problem: Problem) -> str:
    """What to do about it."""
    return _(problem.advice_template) % dict(problem.params)
