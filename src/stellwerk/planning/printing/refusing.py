"""What is refused before anything is drawn: an option that does not exist, a chart that nobody could print."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from stellwerk.core.errors import Invalid


def wrong(option: str, text: str) -> Invalid:
    """A refusal of one option that says all in its message, because there is no form to mark."""
    return Invalid({option: [text]}, text)


class TooManyPages(Invalid):
    """More pages than may be drawn this way; ``pages`` says how many it would be."""

    def __init__(self, text: str, pages: int) -> None:
        super().__init__({"level": [text]}, text)
        self.pages = pages


def unknown(option: str, possible: Iterable[str]) -> Invalid:
    text = _("“%(option)s” is not possible this way. Possible are: %(names)s.")
    return wrong(option, text % {"option": option, "names": ", ".join(possible)})
