"""XML that nobody has to trust: no document type, no entities, no network; and text that is always escaped."""

from __future__ import annotations

import re
from typing import IO
from xml.parsers import expat

from lxml import etree

from stellwerk.planning.exchange.problems import ScheduleFileError, refuse

DEEPEST = 40
_CHUNK = 1 << 16
_CUT_OFF = ("Premature end", "EndTag", "no element found", "Document is empty", "find end of Start Tag")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"})


class _RootReached(Exception):
    """The prolog is over; it was harmless."""


def refuse_document_type(stream: IO[bytes]) -> None:
    """Refuse a file with a document type before any entity of it could be read; the stream is rewound.

    Raises:
        ScheduleFileError: ``xml_dtd``, or ``xml`` when not even the prolog is XML.
    """

    def doctype(*_: object) -> None:
        raise refuse("xml_dtd", parser.CurrentLineNumber)

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _RootReached:
        pass
    except (expat.ExpatError, LookupError, ValueError) as problem:
        raise refuse("xml", parser.CurrentLineNumber, detail=str(problem)) from None
    finally:
        stream.seek(0)


def iterate(stream: IO[bytes]) -> etree.iterparse:
    """Start and end events of a file whose prolog has been checked."""
    return etree.iterparse(
        stream,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )


def broken(problem: etree.XMLSyntaxError, events: etree.iterparse) -> ScheduleFileError:
    """The refusal of XML that is cut off or not well formed."""
    line, text = problem.lineno or 0, problem.msg or ""
    if text == "no element found" and len(events.error_log):  # what really happened stands in the parser's own log
        line, text = events.error_log[-1].line, events.error_log[-1].message
    if any(sign in text for sign in _CUT_OFF):
        return refuse("truncated", line)
    return refuse("xml", line, detail=text)


def is_fragment(markup: str) -> bool:
    """Whether the text is one well-formed element without a document type."""
    if "<!" in markup:
        return False
    try:
        etree.fromstring(markup, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (etree.XMLSyntaxError, ValueError):
        return False
    return True


def escaped(text: str) -> str:
    """As the content of an element; characters that XML cannot hold become “�”."""
    return _ILLEGAL.sub("\ufffd", text).translate(_ESCAPES)
