"""One weighted sum of what is read anew for each profile, and how the whole sum is read."""

from dataclasses import dataclass

from graph.arrayset import ArraySet
from recommend.calibrate import Calibration
from recommend.features import Floats


@dataclass(frozen=True)
class Model(ArraySet):
    """Log-odds = intercept + values @ weights + what groups of evidence add; shown through ``knots`` and ``shares``.

    weights: (n_features,), in the order of ``FEATURES``; intercept: (1,); knots, shares: see ``Calibration``
    """

    weights: Floats
    intercept: Floats
    knots: Floats
    shares: Floats

    def share(self, log_odds: Floats) -> Floats:
        """Of pairs that score so, the share that experts list; same shape, in [0, 1]."""
        return Calibration(self.knots, self.shares).share(log_odds)
