"""Scale and monotone map of the score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from recommend.calibrate import Calibration, fit_scale


def test_scale_finds_the_slope_and_intercept_that_drew_the_labels() -> None:
    rng = np.random.default_rng(460)
    score = rng.uniform(0, 3, 400_000)
    listed = rng.random(len(score)) < expit(2.0 * score - 6.0)
    slope, intercept = fit_scale(score, listed)
    assert (slope, intercept) == (pytest.approx(2.0, abs=0.05), pytest.approx(-6.0, abs=0.1))


def test_the_share_is_the_share_of_listed_pairs() -> None:
    rng = np.random.default_rng(461)
    log_odds = rng.normal(-4, 2, 200_000)
    listed = rng.random(len(log_odds)) < expit(log_odds)
    shown = Calibration.fit(log_odds, listed).share(log_odds)
    for least, most in ((0.0, 0.02), (0.02, 0.1), (0.1, 0.5), (0.5, 1.0)):
        band = (shown >= least) & (shown < most)
        assert listed[band].mean() == pytest.approx(shown[band].mean(), rel=0.1)


@given(
    st.lists(st.tuples(st.floats(-20, 20), st.booleans()), min_size=1, max_size=60),
    st.lists(st.floats(-50, 50), min_size=2, max_size=20),
)
@settings(deadline=None)
def test_the_map_never_decreases_and_stays_a_share(pairs: list[tuple[float, bool]], asked: list[float]) -> None:
    log_odds = np.array([score for score, _ in pairs])
    calibration = Calibration.fit(log_odds, np.array([listed for _, listed in pairs]))
    shares = calibration.share(np.sort(np.array(asked)))
    assert np.all(np.diff(shares) >= 0)
    assert np.all((shares >= 0) & (shares <= 1))
