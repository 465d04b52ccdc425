"""A column of texts as two arrays, so that it can be saved, memory-mapped and read one text at a time."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class StringColumn(Sequence[str]):
    """Texts laid end to end.

    blob:    (n_bytes,) uint8, UTF-8
    offsets: (n_texts + 1,) int64, start of each text in ``blob``, then its length
    """

    blob: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "StringColumn":
        """The column that holds ``texts`` in their order."""
        encoded = [text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in encoded], out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        text = self._read.get(index)
        if text is None:
            if not -len(self) <= index < len(self):
                raise IndexError(index)
            place = index % len(self)
            text = self.blob[self.offsets[place] : self.offsets[place + 1]].tobytes().decode()
            self._read[index] = text
        return text

    @cached_property
    def _read(self) -> dict[int, str]:
        """Texts that were asked for: the labels of an answer are asked for again by the next one."""
        return {}

    def __iter__(self) -> Iterator[str]:
        data = self.blob.tobytes()
        bounds = self.offsets.tolist()
        return (data[start:end].decode() for start, end in itertools.pairwise(bounds))
