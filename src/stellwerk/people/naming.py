"""How texts name persons, and the token that stands for each of them in a frozen report."""

from __future__ import annotations

import re
from collections.abc import Mapping

from stellwerk.core.snapshots import namer
from stellwerk.people.models import Person

LONGEST = 3  # words of a last name: “von der Heide”
_WORD = re.compile(r"[^\W\d_][\w.'’-]*", re.UNICODE)


def names_of(title: str, first: str, last: str) -> list[str]:
    """The spellings of a name, the fullest first: “Dr. Eva Berg”, “Eva Berg”, “Berg, Eva”, “Berg Eva”."""
    full = [" ".join(part for part in (title, first, last) if part)] if title else []
    return [*full, f"{first} {last}", f"{last}, {first}", f"{last} {first}"]


@namer
def persons_in(text: str) -> Mapping[str, str]:
    """Which persons a text names, in which spelling → the token: their public key, numbered after the first spelling.

    A name that two persons share gets no token: it would say which of them is meant.
    """
    words = [word.rstrip(".'’-") for word in _WORD.findall(text)]
    candidates = {" ".join(words[at : at + length]) for length in range(1, LONGEST + 1) for at in range(len(words))}
    rows = Person.objects.filter(last_name__in=candidates).order_by("pk")
    found: dict[str, str] = {}
    shared: set[str] = set()
    for key, title, first, last in rows.values_list("key", "title", "first_name", "last_name"):
        for number, name in enumerate(names_of(title, first, last)):
            if name in text:
                shared |= {name} & set(found)
                found[name] = f"{key}/{number}" if number else key
    return {name: token for name, token in found.items() if name not in shared}
