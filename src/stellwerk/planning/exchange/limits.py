"""How much is read at most, so that no file can fill the memory."""

from __future__ import annotations

from dataclasses import dataclass

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """``file`` and ``text`` (all but XML, which is not held in memory) in bytes; ``rows`` tasks, links, resources or assignments each; ``pieces`` of time-phased data;
    ``elements`` of XML inside one task, resource or other thing.

    ``seconds`` and ``memory`` (bytes of the Java heap) bound the converter of other formats.
    """

    file: int = 250 * MEGABYTE
    text: int = 100 * MEGABYTE
    rows: int = 1_000_000
    pieces: int = 2_000_000
    elements: int = 2_000_000
    seconds: int = 120
    memory: int = 1_000 * MEGABYTE


DEFAULT_LIMITS = Limits()
