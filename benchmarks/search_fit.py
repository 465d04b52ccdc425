"""Weights of the search's evidence: ``python -m benchmarks.search_fit`` prints them, with hits on titles not fitted on.

Titles of ROME are hidden from the index, half of them and then three in four, and searched for. The weights are those
of a conditional logit (McFadden, 1974): the probability of an occupation is the exponential of its weighted evidence,
over the sum for all, and the likelihood of the titles' own occupations is made greatest. No typed query takes part.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.search import Expected, hide_titles
from graph.tables import GraphTables
from ingest.catalogue import find_data, find_rome
from ingest.rome import read_rome
from passerelle.settings import Settings
from recommend.search_build import search_data
from recommend.search_evidence import NAMES, WEIGHTS, evidence

_SHARES = (0.5, 0.75)
_FITTED, _TESTED = 1200, 1000
_RIDGE = 1e-3


def collect(tables: GraphTables, queries: list[Expected]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Evidence of each query, shape (queries, occupations, names), and the row of its occupation."""
    data = search_data(tables)
    row = {code: place for place, code in enumerate(data.code)}
    values, rows = [], []
    for query in queries:
        slots = [data.vocabulary.slot(word, last=False) for word in data.vocabulary.words(query.query)]
        if slots:
            values.append(evidence(data, slots).values.astype(np.float32))
            rows.append(row[next(iter(query.accepted))])
    return np.stack(values), np.array(rows)


def fit(values: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Weights, one a name."""
    scale = values.std(axis=(0, 1)) + 1e-9
    scaled = values / scale
    picked = scaled[np.arange(len(rows)), rows]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = scaled @ weights
        odds -= odds.max(axis=1, keepdims=True)
        chance = np.exp(odds)
        chance /= chance.sum(axis=1, keepdims=True)
        slope = np.einsum("qn,qnk->k", chance, scaled) / len(rows) - picked.mean(axis=0)
        likelihood = np.log(chance[np.arange(len(rows)), rows] + 1e-12).mean()
        return float(_RIDGE * weights @ weights - likelihood), slope + 2 * _RIDGE * weights

    found = minimize(loss, np.full(values.shape[2], 0.3), jac=True, method="L-BFGS-B", options={"maxiter": 80})
    return np.asarray(found.x / scale)


def hits(odds: NDArray[np.float64], rows: NDArray[np.int64]) -> str:
    """Shares of the queries whose occupation is first, and among the first five, as text."""
    above = (odds > odds[np.arange(len(rows)), rows][:, None]).sum(axis=1)
    return f"{(above < 1).mean():.3f} at 1, {(above < 5).mean():.3f} at 5"


def main() -> None:
    location = find_data(Settings(), Path.cwd())
    tables = read_rome(find_rome(location.path, Settings().rome_version)).tables
    parts = []
    for share in _SHARES:
        fewer, hidden = hide_titles(tables, share)
        parts.append(collect(fewer, hidden[: _FITTED + _TESTED]))
    weights = fit(
        np.concatenate([values[:_FITTED] for values, _ in parts]), np.concatenate([rows[:_FITTED] for _, rows in parts])
    )
    for name, fitted, used in zip(NAMES, weights.tolist(), WEIGHTS.tolist(), strict=True):
        print(f"{name:<26}{fitted:>8.3f}   in use {used:>6.3f}")
    for share, (values, rows) in zip(_SHARES, parts, strict=True):
        fitted, used = (hits(values[_FITTED:] @ one, rows[_FITTED:]) for one in (weights, WEIGHTS))
        print(f"{share:.0%} of titles hidden, not fitted on: fitted {fitted}; in use {used}")


if __name__ == "__main__":
    main()
