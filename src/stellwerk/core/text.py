"""Text that people write: Markdown rendered safely, names normalised for comparison."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt

_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote", "h3", "h4", "hr", "del"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable("strikethrough")


def render_markdown(text: str) -> SafeString:
    """Markdown to a small, sanitised subset of HTML."""
    html = _parser().render(text or "")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(clean)  # noqa: S308 - sanitised by nh3 one line above


def without_control(text: str) -> str:
    """Drop control characters that XML, databases and screens cannot hold."""
    return _CONTROL.sub("", text)


def normalise(text: str) -> str:
    """Lower case, ASCII letters and digits, single spaces: how names are compared and sorted."""
    folded = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    plain = unicodedata.normalize("NFKD", folded)
    return " ".join(re.sub(r"[^a-z0-9]+", " ", plain.encode("ascii", "ignore").decode()).split())


def quoted(words: Iterable[object]) -> str:
    """Words in the quotation marks of the reader's language, with commas between them."""
    return ", ".join(_("“%(text)s”") % {"text": word} for word in words)
