"""Records of arrays: dataclasses whose fields can be saved, memory-mapped and opened again without a copy."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from graph.strings import StringColumn

_CSR_PARTS = ("data", "indices", "indptr", "shape")


@dataclass(frozen=True)
class ArraySet:
    """Base of dataclasses whose fields are arrays, ``csr_matrix``, ``StringColumn``, or such records themselves."""

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Every field as plain arrays, named so that ``from_arrays`` finds them again."""
        arrays: dict[str, NDArray[Any]] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, ArraySet):
                arrays |= {f"{part.name}.{name}": array for name, array in value.to_arrays().items()}
            elif isinstance(value, StringColumn):
                arrays |= {f"{part.name}.blob": value.blob, f"{part.name}.offsets": value.offsets}
            elif isinstance(value, csr_matrix):
                arrays |= {f"{part.name}.{name}": np.asarray(getattr(value, name)) for name in _CSR_PARTS}
            else:
                arrays[part.name] = value
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The record that gave ``arrays``, which it goes on reading without a copy."""
        values: dict[str, Any] = {}
        for part in fields(cls):
            if isinstance(part.type, type) and issubclass(part.type, ArraySet):
                prefix = f"{part.name}."
                own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
                values[part.name] = part.type.from_arrays(own)
            elif f"{part.name}.blob" in arrays:
                values[part.name] = StringColumn(arrays[f"{part.name}.blob"], arrays[f"{part.name}.offsets"])
            elif f"{part.name}.indptr" in arrays:
                data, indices, indptr, shape = (arrays[f"{part.name}.{name}"] for name in _CSR_PARTS)
                size = (int(shape[0]), int(shape[1]))
                values[part.name] = csr_matrix((data, indices, indptr), shape=size, copy=False)
            else:
                values[part.name] = arrays[part.name]
        return cls(**values)
