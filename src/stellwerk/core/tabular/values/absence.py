"""Words in a cell that mean "there is no value", and why."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from stellwerk.core.tabular.notes import Note, note, shorten

_PLAIN: dict[str, str] = {}
for _code, _words in {
    "not_provided": (
        "- – — -- --- . .. … ? ?? ??? x/x none nil null nan keine kein ohne leer blank empty missing fehlt "
        "#n/a #na #nv #null! unknown unbekannt unklar"
    ),
    "not_applicable": "n/a na n.a. n.a n/a. entfällt entfaellt nicht-zutreffend n.z. n.r.",
    "to_be_determined": "tbd tbc tba tbd. tbc. t.b.d. t.b.c. offen open folgt pending ausstehend",
}.items():
    for _word in _words.split():
        _PLAIN[_word] = _code
for _code, _phrases in {
    "not_provided": ("k. a.", "k.a.", "k. a", "keine angabe", "keine angaben", "no data", "not given", "no value"),
    "not_applicable": ("not applicable", "nicht zutreffend", "nicht anwendbar", "nicht relevant", "does not apply"),
    "to_be_determined": (
        "to be determined",
        "to be confirmed",
        "to be decided",
        "to be agreed",
        "to be defined",
        "noch offen",
        "noch nicht bekannt",
        "wird nachgereicht",
        "in klärung",
        "in abstimmung",
    ),
}.items():
    for _phrase in _phrases:
        _PLAIN[_phrase] = _code

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), code)
    for pattern, code in (
        (r"^\W*(data |information |this is )?exempt(ed|ion)?\b", "exempt"),
        (r"\bexempt(ed)? (from|under)\b|\bwithheld\b|\bredacted\b|\bgeschwärzt\b", "exempt"),
        (r"^\W*(commercial(ly)?( in)? (sensitive|confidence)|confidential|classified|vertraulich|geheim)\b", "exempt"),
        (r"\blegal sensitivit|\bcommercially sensitive\b", "exempt"),
        (r"^\W*re-?set\b|^\W*(being )?re-?baselined?\W*$", "reset"),
        (r"\bearly planning\b|\bstill (at|in) (the |its )?(early )?planning\b|\bnoch in (der )?planung\b", "too_early"),
        (
            r"\btoo early\b|\bnot yet (started|begun|approved|baselined|set|agreed|defined|known|available)\b",
            "too_early",
        ),
        (r"\bnoch nicht (gestartet|begonnen|festgelegt|bekannt|verfügbar|freigegeben|geplant)\b", "too_early"),
        (
            r"^\W*(no|kein(e[nrms]?)?) (\w+[ -]){0,2}(dca|rag|rating|ampel|status|bewertung|"
            r"end date|enddatum|date|datum|"
            r"budget|data|daten|information|angaben?|value|wert|baseline|forecast|plan)\b\W*(\w+\W*){0,2}$",
            "not_provided",
        ),
        (
            r"\bnot? (been )?(in a position|able|possible|provided|given|supplied|reported|"
            r"available|rated|assessed|required"
            r"|set|stated|specified|recorded)\b",
            "not_provided",
        ),
        (
            r"\bdid not provide\b|\bunable to provide\b|\bnicht (angegeben|gemeldet|geliefert|"
            r"vorhanden|verfügbar|bewertet)\b",
            "not_provided",
        ),
        (r"^\W*(ongoing|laufend|fortlaufend|unbefristet|open[- ]ended|rolling|dauerhaft)\W*$", "open_ended"),
    )
)
_COULD_SAY_SO = re.compile(
    r"exempt|withheld|redact|geschw|sensitiv|confiden|classif|vertrau|geheim|re-?set|baseline|"
    r"plan|early|noch|not? |no |"
    r"kein|unable|nicht|ongoing|laufend|unbefr|open|rolling|dauer",
    re.IGNORECASE,
)
_TEXTS = {
    "exempt": _("exempt from publication: “%(text)s”"),
    "reset": _("reset, no assessment at present: “%(text)s”"),
    "too_early": _("not set yet: “%(text)s”"),
    "not_provided": _("not provided: “%(text)s”"),
    "not_applicable": _("not applicable: “%(text)s”"),
    "to_be_determined": _("still to be determined: “%(text)s”"),
    "open_ended": _("open-ended: “%(text)s”"),
    "completed": _("completed, no light any more: “%(text)s”"),
    "not_assessed": _("not assessed: “%(text)s”"),
}
_TEXT_LIMIT = 4000


def absence_of(text: str) -> Note | None:
    """The reason why there is no value, when ``text`` (already one line) says so; else None."""
    code = _PLAIN.get(text.lower())
    if code is None and len(text) > 2 and _COULD_SAY_SO.search(text, 0, _TEXT_LIMIT):
        code = next((code for pattern, code in _PATTERNS if pattern.search(text, 0, _TEXT_LIMIT)), None)
    return because(code, text) if code else None


def because(code: str, text: str) -> Note:
    """The note for one of the known reasons."""
    return note(code, _TEXTS[code], {"text": shorten(text)})
