"""Which encoding a text file is in, decided from its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

SAMPLE_BYTES = 1_000_000
_HANDLER = "stellwerk_single_bytes"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LETTERS = set("äöüÄÖÜßéèêëàâçñóòôíìîïáãõúùûøåæœÉÈÀÇÑÓØÅÆÁÍÚÔÎłşışğčćšžřěý")
_SIGNS = set("–—‘’‚“”„•…«»‹›€£¥§°²³µ·½¼¾×±\xa0®™©´†")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_CANDIDATES = ("cp1252", "mac_roman", "cp850", "cp1250")


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec for :func:`open`, its error handler, and the length of the byte order mark to skip."""

    codec: str
    errors: str = "replace"
    skip: int = 0


def _as_single_bytes(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return bytes(wrong).decode("cp1252", "replace"), error.end


codecs.register_error(_HANDLER, _as_single_bytes)


def detect(sample: bytes, *, complete: bool) -> Encoding:
    """The encoding of a text whose first bytes are ``sample`` (``complete``: the sample is the whole file)."""
    for mark, codec in _BOMS:
        if sample.startswith(mark):
            return Encoding(codec, _HANDLER if codec == "utf-8" else "replace", len(mark))
    wide = _wide_without_mark(sample)
    if wide:
        return Encoding(wide)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample, complete)
    except UnicodeDecodeError:
        pass
    else:
        return Encoding("utf-8", _HANDLER)
    multibyte = sum(len(match) for match in _MULTIBYTE.findall(sample))
    if multibyte > 2 * (len(_HIGH.findall(sample)) - multibyte):
        return Encoding("utf-8", _HANDLER)
    return Encoding(_best_single_byte(sample))


def _wide_without_mark(sample: bytes) -> str:
    """UTF-16 without a mark: every second byte of Western text is zero."""
    head = sample[:4000]
    if len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.7 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.7 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _best_single_byte(sample: bytes) -> str:
    """The Western code page that makes letters of the bytes inside words and signs of those between words."""
    pieces = [sample[max(0, m.start() - 1) : m.end() + 1] for m in _HIGH.finditer(sample)][:5000]
    scores = [(sum(_plausibility(piece, codec) for piece in pieces), codec) for codec in _CANDIDATES]
    best, codec = max(scores, key=lambda item: (item[0], item[1] == "cp1252"))
    if best > 0:
        return codec
    from charset_normalizer import from_bytes

    guess = from_bytes(sample[:50_000]).best()
    return guess.encoding if guess is not None else "cp1252"


def _plausibility(piece: bytes, codec: str) -> float:
    """A letter should touch a letter, and be small after a small one; a sign should not stand inside a word."""
    text = piece.decode(codec, "replace")
    score = 0.0
    for position, char in enumerate(text):
        if char.isascii():
            continue
        before, after = text[position - 1 : position], text[position + 1 : position + 2]
        if char in _LETTERS:
            misplaced = (char.isupper() and before.islower()) or not (before.isalpha() or after.isalpha())
            score += -1.0 if misplaced else 1.0
        elif char in _SIGNS:
            inside_word = before.isalpha() and after.isalpha() and char not in "’-–\xa0"
            score += -0.5 if inside_word else 0.9
        else:
            score -= 0.3 if char == "\ufffd" else 1.0
    return score
