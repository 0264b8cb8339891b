"""Months, languages and levels as they stand in CVs, German and English."""

from __future__ import annotations

import re
from typing import Final

from stellwerk.staffing.recognise import fold

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        ("jan januar january", "feb februar february", "mar mrz maerz marz march", "apr april", "mai may", "jun juni june", "jul juli july", "aug august",
         "sep sept september", "okt oct oktober october", "nov november", "dez dec dezember december"), start=1,
    )
    for name in names.split()
}  # fmt: skip
NOW: Final = (
    "heute",
    "jetzt",
    "aktuell",
    "laufend",
    "dato",
    "today",
    "now",
    "present",
    "current",
    "currently",
    "ongoing",
    "gegenwart",
    "fortlaufend",
    "andauernd",
    "to date",
)
LANGUAGES: Final = {
    "de": ("deutsch", "german"), "en": ("englisch", "english"), "fr": ("franzosisch", "franzoesisch", "french"), "es": ("spanisch", "spanish"),
    "it": ("italienisch", "italian"), "nl": ("niederlandisch", "niederlaendisch", "dutch"), "pl": ("polnisch", "polish"), "ru": ("russisch", "russian"),
    "tr": ("turkisch", "tuerkisch", "turkish"), "zh": ("chinesisch", "mandarin", "chinese"), "ko": ("koreanisch", "korean"), "ja": ("japanisch", "japanese"),
    "pt": ("portugiesisch", "portuguese"), "cs": ("tschechisch", "czech"), "uk": ("ukrainisch", "ukrainian"), "ar": ("arabisch", "arabic"),
    "hi": ("hindi",), "sv": ("schwedisch", "swedish"), "da": ("danisch", "daenisch", "danish"), "hu": ("ungarisch", "hungarian"), "ro": ("rumanisch", "rumaenisch", "romanian"),
    "no": ("norwegisch", "norwegian"), "fi": ("finnisch", "finnish"), "hr": ("kroatisch", "croatian"), "fa": ("persisch", "farsi", "persian"),
    "el": ("griechisch", "greek"), "bg": ("bulgarisch", "bulgarian"), "sr": ("serbisch", "serbian"),
}  # fmt: skip
ISO: Final = {
    "deu": "de", "ger": "de", "eng": "en", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "nld": "nl", "dut": "nl", "pol": "pl", "rus": "ru", "tur": "tr",
    "zho": "zh", "chi": "zh", "kor": "ko", "jpn": "ja", "por": "pt", "ces": "cs", "cze": "cs", "ukr": "uk", "ara": "ar", "hin": "hi", "swe": "sv", "dan": "da",
    "hun": "hu", "ron": "ro", "rum": "ro", "nor": "no", "nob": "no", "fin": "fi", "hrv": "hr", "fas": "fa", "per": "fa", "ell": "el", "gre": "el", "bul": "bg", "srp": "sr",
}  # fmt: skip
"""Codes of three letters (ISO 639-2), both ways of writing them, by that of two."""
LEVELS: Final = (
    ("native", ("muttersprache", "muttersprachlich", "muttersprachler", "native", "mother tongue", "bilingual")),
    ("C1", ("verhandlungssicher", "fliessend", "fluent", "full professional", "business fluent", "sehr gute kenntnisse", "sehr gut")),
    ("B2", ("gute kenntnisse", "gut", "good", "advanced", "professional working", "upper intermediate")),
    ("B1", ("mittelstufe", "intermediate", "erweiterte grundkenntnisse", "limited working")),
    ("A2", ("grundkenntnisse", "basic", "elementary", "anfanger", "anfaenger", "beginner")),
)  # fmt: skip
_CEFR: Final = re.compile(r"\b([ABC][12])\b")
_NAMES: Final = (
    r"(?:jan(?:uary?|uar)?|feb(?:ruary|ruar)?|m(?:ä|ae|a)rz|mar(?:ch)?|mrz|apr(?:il)?|mai|may|jun[ei]?|jul[iy]?|aug(?:ust)?|sept?(?:ember)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?"
    r"|spring|summer|autumn|fall|winter|fr(?:ü|ue)hjahr|sommer|herbst)"
)  # fmt: skip
_DATE: Final = (
    rf"(?:\b{_NAMES}\b\.?,?\s*(?:\d{{1,2}}\s*[./,]\s*)?(?:19|20)\d\d\b|(?<!\d)(?:\d{{1,2}}\s*[./]\s*){{1,2}}(?:19|20)\d\d\b"
    rf"|(?<!\d)\d{{1,2}}\.?\s+{_NAMES}\.?,?\s+(?:19|20)\d\d\b|(?<!\d)(?:19|20)\d\d(?:[-/.]| / )(?:0[1-9]|1[0-2])(?:[-/.][0-3]\d)?(?!\d)|(?<![\d.,])(?:19|20)\d\d(?!\d))"
)  # fmt: skip
_BETWEEN: Final = r"\s*(?:[-–—−‒‐‑~→»­]+|\bbis(?: einschl\.)?|\bto\b|\buntil\b|\btill\b)\s*(?:zum\s+|the\s+)?"
_SHORT: Final = rf"(?:(?<![\d./])(?:0?[1-9]|1[0-2])\s?[./]\s?\d\d(?![\d./])|\b{_NAMES}\.?,?\s+['’]?\d\d(?![\d.,]))"
"""A month of a year in two digits: only as the begin of a period."""
PERIOD: Final = re.compile(
    rf"(?:\b(?:von|from|zwischen)\s+)?(?P<first>{_DATE}){_BETWEEN}(?P<last>{_DATE}|\b(?:{'|'.join(NOW)})\b(?:\s+date)?)"
    rf"|(?P<short>{_SHORT}){_BETWEEN}(?P<until>{_SHORT}|\b(?:{'|'.join(NOW)})\b)"
    rf"|\b(?:seit|since|ab|as of|from)\s+(?:dem\s+)?(?P<since>{_DATE})|(?P<onwards>{_DATE})\s+onwards?\b|(?P<open>{_DATE})\s*[-–—](?=\s*(?:$|\t|\)))",
    re.IGNORECASE,
)
ONE_DATE: Final = re.compile(
    rf"(?:^|\t|\(|,\s|\s[–—|·•-]\s)(?P<day>{_DATE})(?=$|\t|\)|:?\s)|\s(?P<end>{_DATE})$", re.IGNORECASE
)
"""A day alone, as those of a degree or a certificate: at the beginning or the end of a line or of a part of it."""
LASTING: Final = re.compile(
    r"\(?\b\d{1,2}(?:[.,]\d)?\+?\s*(?:years?|yrs?|jahren?|jahre?|months?|mos?|monaten?|monate?)\b(?:,?\s*(?:und|and)?\s*\d{1,2}\s*(?:months?|mos?|monaten?|monate?)\b)?\)?", re.IGNORECASE
)  # fmt: skip
_ISO: Final = re.compile(r"^((?:19|20)\d\d)(?:\s?[-/.]\s?(0[1-9]|1[0-2])(?!\d))?")


def day_of(text: str) -> str:
    """``03/2019``, ``März 2019``, ``2019-03-01``, ``2019`` as ``YYYY-MM`` or ``YYYY``; empty where it is none; ``now``."""
    told = fold(text.strip(" .,"))
    if told in NOW:
        return "now"
    iso = _ISO.match(text.strip())
    if iso:
        return f"{iso[1]}-{iso[2]}" if iso[2] else iso[1]
    year = re.search(r"(19|20)\d\d", told)
    if year is None:
        return ""
    before = told[: year.start()]
    word = re.search(r"[a-z]+", before)
    number = re.findall(r"\d{1,2}", before)
    month = MONTHS.get(word.group()) if word else int(number[-1]) if number else None
    return f"{year.group()}-{month:02}" if month is not None and 1 <= month <= 12 else year.group()


def period_of(line: str) -> tuple[str, str, str]:
    """(first, last, the line without them); empty texts where the line has no period."""
    found = PERIOD.search(line)
    if found is None:
        return "", "", line
    first = day_of(found["first"] or found["since"] or found["onwards"] or found["open"] or _whole_year(found["short"]))
    told = found["last"] or (found["until"] and _whole_year(found["until"]))
    last = day_of(told) if told else "now"
    return first, last, without(line, found.start(), found.end())


def _whole_year(text: str) -> str:
    """``05/98`` and ``Jan 15`` with four digits of the year."""
    return re.sub(r"['’]?(\d\d)$", lambda found: f" {'19' if int(found[1]) > 50 else '20'}{found[1]}", text)


def without(line: str, start: int, end: int) -> str:
    """A line without a part, and without the signs and brackets that stood around it."""
    rest = f"{line[:start].rstrip(' ')} {line[end:].lstrip(' ')}" if start else line[end:]
    rest = re.sub(r"\(\s*\)|\[\s*\]", "", rest).strip(" \t:,;|·•–-—")
    rest = re.sub(r" {2,}", " ", re.sub(r" *\t[ \t]*", "\t", rest))
    return rest.strip(" ()\t") if rest.count("(") != rest.count(")") else rest.strip(" \t")


def languages_in(line: str) -> list[tuple[str, str, str]]:
    """(code, word, level) of each language that a line names; a level belongs to the language before it."""
    folded = fold(line)
    places = sorted(
        (match.start(), code, match.group())
        for code, names in LANGUAGES.items()
        for name in names
        for match in re.finditer(rf"\b{name}\b", folded)
    )
    found = []
    for number, (at, code, word) in enumerate(places):
        end = places[number + 1][0] if number + 1 < len(places) else len(folded)
        found.append((code, word.capitalize(), level_of(folded[at:end])))
    return found


def level_of(text: str) -> str:
    """``C1`` of "C1", of "verhandlungssicher" and of "fluent"; empty where none is told."""
    cefr = _CEFR.search(text.upper())
    if cefr:
        return cefr[1]
    folded = fold(text)
    return next((level for level, words in LEVELS if any(re.search(rf"\b{word}", folded) for word in words)), "")


SKILL_LEVELS: Final = (
    (4, ("experte", "expertin", "expertenkenntnisse", "expert", "exzellent", "excellent", "master", "hervorragend")),
    (3, ("sehr gute kenntnisse", "sehr gut", "very good", "proficient", "advanced", "fundierte kenntnisse", "fundiert", "sicher", "vertieft")),
    (2, ("gute kenntnisse", "gut", "good", "intermediate", "fortgeschritten", "solide", "erweiterte grundkenntnisse")),
    (1, ("grundkenntnisse", "grundlagen", "basiskenntnisse", "basic", "basics", "beginner", "anfanger", "anfaenger", "novice", "familiar")),
)  # fmt: skip
_LEVEL_WORD: Final = re.compile(
    r"(?:\(|[-–—:]\s*|\s{1,3})(" + "|".join(sorted((word for _level, texts in SKILL_LEVELS for word in texts), key=len, reverse=True)) + r")(?:\)|\s*$)"
)  # fmt: skip
_FULL, _EMPTY = "●★■◆⬤█⚫", "○☆□◇◯░▒⚪"
_MARKS: Final = re.compile(f"[{_FULL}][{_FULL}{_EMPTY} ]*[{_EMPTY}]|[{_FULL}](?: ?[{_FULL}]){{2,}}")


def skill_level(text: str) -> tuple[int | None, str]:
    """The level that stands beside a skill, in words or as marks of which some are full, and the text without it."""
    marks = _MARKS.search(text)
    if marks:
        full = sum(letter in _FULL for letter in marks.group())
        empty = sum(letter in _EMPTY for letter in marks.group())
        return max(1, -(-4 * full // (full + empty))), (text[: marks.start()] + text[marks.end() :]).strip()
    folded = _LEVEL_WORD.search(_plain(text))
    if folded is None:
        return None, text
    level = next(level for level, texts in SKILL_LEVELS if folded[1] in texts)
    return level, (text[: folded.start()] + text[folded.end() :]).strip()


def _plain(text: str) -> str:
    """In small letters without dots on them, letter by letter, so that places stay."""
    return text.lower().translate(str.maketrans("äöü", "aou"))
