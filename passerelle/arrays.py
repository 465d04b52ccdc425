"""Arrays on disk: a mapping of NumPy arrays as a directory of ``.npy`` files, opened memory-mapped."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from passerelle.errors import DataFileError

Arrays = Mapping[str, NDArray[Any]]


def save_arrays(arrays: Arrays, directory: Path) -> None:
    """Writes one ``.npy`` file an array into a directory that it makes."""
    directory.mkdir(parents=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)


def open_arrays(directory: Path) -> dict[str, NDArray[Any]]:
    """The arrays that ``save_arrays`` wrote, read-only and memory-mapped.

    raises: DataFileError when the directory holds none or a file is unreadable.
    """
    files = sorted(directory.glob("*.npy"))
    if not files:
        raise DataFileError(directory, "aucun tableau", "Relancez « passerelle build ».")
    arrays = {}
    for path in files:
        try:
            # an empty array cannot be mapped: its file is the header alone
            empty = path.stat().st_size <= 128
            mapped = np.load(path, mmap_mode=None if empty else "r", allow_pickle=False)
            # the same memory as a plain array: the memmap class makes each small slice ten times slower
            arrays[path.stem] = np.asarray(mapped)
        except (OSError, ValueError) as error:
            raise DataFileError(path, f"illisible ({error})", "Relancez « passerelle build ».") from error
    return arrays
