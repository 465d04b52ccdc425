"""Distances over the earth, between points in degrees."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: mean radius of the earth in km (IUGG 1980)
EARTH_RADIUS = 6371.0088


def distance_km(
    latitude: ArrayLike, longitude: ArrayLike, other_latitude: ArrayLike, other_longitude: ArrayLike
) -> NDArray[np.float64]:
    """Great-circle distance in km, by the haversine formula (Sinnott, "Virtues of the Haversine", 1984).

    The four are degrees, of shapes that broadcast together, and the result has that shape: (n, 1) against (m,) gives
    (n, m). As the crow flies: a road is longer. NaN where a coordinate is missing.
    """
    a, b = np.radians(np.asarray(latitude, dtype=np.float64)), np.radians(np.asarray(other_latitude, dtype=np.float64))
    across = np.radians(np.asarray(other_longitude, dtype=np.float64) - np.asarray(longitude, dtype=np.float64))
    chord = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(across / 2) ** 2
    # rounding may lift the chord of two antipodes above 1
    return np.asarray(2 * EARTH_RADIUS * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))
