"""Reads of the people room: names as expressions, the tree of units, who works where."""

from __future__ import annotations

from django.db.models import CharField, F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, Trim


def person_name(path: str = "") -> Combinable:
    """The full name (title, first, last) behind a lookup path (``manager``), empty where nobody is named."""
    prefix = f"{path}__" if path else ""
    parts = [F(f"{prefix}title"), Value(" "), F(f"{prefix}first_name"), Value(" "), F(f"{prefix}last_name")]
    return Trim(Concat(*parts, output_field=CharField()))
