"""Hides 30 % of each occupation's skills and recovers them, by vectors and words against two classics.

PASSERELLE_DATA=... python -m benchmarks.embeddings                 without the extra ``train``: no vectors
PASSERELLE_DATA=... python -m benchmarks.embeddings --seconds 120   vectors learned without the hidden links

One draw by seed. A hidden link's rank is among the skills that the occupation is not known to require (filtered, ties
at their mean); MRR and Hits@10 are means over hidden links. The settings of each method, the blend's weights included,
are chosen on a second draw of the same kind inside what was not hidden; the outer draw is scored once.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from benchmarks.published import published_tables
from embeddings.triples import REQUIRES, Triples
from embeddings.words import read_label, tf_idf, unit_rows, unit_vectors
from graph.tables import GraphTables

Block = NDArray[np.int64]
#: scores of some occupations for every skill: (n_block, n_skills)
Scorer = Callable[[Block], NDArray[np.float64]]
BLOCK = 32
RANKS = (32, 64, 128, 256, 384)
#: occupations that the blend's weights are fitted on
FITTED = 250


@dataclass(frozen=True)
class Requirements:
    """Who requires what, and what is known of both; skills that some occupation requires.

    links: (n_occupations, n_skills) 0/1;  words: (n_skills, n_terms);  titles: (n_occupations, n_terms)
    macro, category: (n_skills, n_groups) 0/1
    around: (n_occupations, n_features) contexts, sectors, themes, interests, domain: rows of length 1
    """

    occupations: list[str]
    skills: list[str]
    links: csr_matrix
    words: csr_matrix
    titles: csr_matrix
    macro: csr_matrix
    category: csr_matrix
    around: csr_matrix

    @classmethod
    def of(cls, tables: GraphTables) -> "Requirements":
        requires = tables.relationships["requires"]
        occupations = tables.nodes["Occupation"]["codeRome"].tolist()
        skills = tables.nodes["Skill"]
        skills = skills[skills["codeOgr"].isin(requires["end"])]
        codes = skills["codeOgr"].tolist()
        texts = [*skills["label"], *tables.nodes["Occupation"]["label"]]
        terms = tf_idf([sorted(read_label(text).spelling) for text in texts])
        around = [
            _links(tables.relationships[name], occupations)
            for name in ("has_context", "in_sector", "has_theme", "has_interest", "occupation_in_domain", "in_family")
        ]
        return cls(
            occupations,
            codes,
            _links(requires, occupations, codes),
            csr_matrix(terms[: len(codes)]),
            csr_matrix(terms[len(codes) :]),
            _groups(tables, "skill_in_macro", skills),
            _groups(tables, "skill_in_category", skills),
            unit_rows(csr_matrix(np.hstack([part.toarray() for part in around]))),
        )


@dataclass(frozen=True)
class Draw:
    """known, hidden: (n_occupations, n_skills) 0/1, disjoint."""

    known: csr_matrix
    hidden: csr_matrix

    @classmethod
    def of(cls, links: csr_matrix, seed: int, share: float = 0.3) -> "Draw":
        """Hides a share of each row, rounded, and at least one link where there are two."""
        random = np.random.default_rng(seed)
        hide = np.zeros(links.nnz, dtype=bool)
        for start, end in zip(links.indptr[:-1], links.indptr[1:], strict=True):
            count = min(max(1, round(share * (end - start))), end - start - 1)
            if count > 0:
                hide[start + random.choice(end - start, count, replace=False)] = True
        return cls(_masked(links, ~hide), _masked(links, hide))


def recover(score: Scorer, draw: Draw) -> tuple[dict[str, float], NDArray[np.float64]]:
    """MRR and Hits@10 over the hidden links, and over those whose skill is still known of another occupation."""
    ranks, elsewhere = [], np.asarray(draw.known.sum(axis=0)).ravel() > 0
    also = []
    for block in _blocks(draw.known.shape[0]):
        scores = score(block)
        for row, occupation in enumerate(block):
            hidden = _row(draw.hidden, occupation)
            others = np.ones(scores.shape[1], dtype=bool)
            others[_row(draw.known, occupation)] = False
            others[hidden] = False
            field = np.sort(scores[row, others])
            own = scores[row, hidden]
            above = len(field) - np.searchsorted(field, own, side="right")
            equal = len(field) - np.searchsorted(field, own, side="left") - above
            ranks.append(1 + above + equal / 2)
            also.append(elsewhere[hidden])
    rank, seen = np.concatenate(ranks), np.concatenate(also)
    figures = {"links": float(len(rank)), "mrr": float((1 / rank).mean()), "hits@10": float((rank <= 10).mean())}
    figures |= {"seen": float(seen.mean()), "mrr_seen": float((1 / rank[seen]).mean())}
    return figures | {"hits@10_seen": float((rank[seen] <= 10).mean())}, rank


def popularity(draw: Draw) -> Scorer:
    """How many occupations are known to require each skill."""
    count = np.asarray(draw.known.sum(axis=0)).ravel()
    return lambda block: np.tile(count, (len(block), 1)).astype(float)


def item_to_item(draw: Draw) -> Scorer:
    """Sum over the known skills of their cosine to the candidate (Sarwar et al. 2001)."""
    columns = unit_rows(csr_matrix(draw.known.T))
    likeness = csr_matrix(columns @ columns.T)
    return lambda block: csr_matrix(draw.known[block] @ likeness).toarray()


def truncated_svd(draw: Draw, rank: int) -> Scorer:
    """The occupation by skill matrix rebuilt from its first singular vectors (PureSVD, Cremonesi et al. 2010)."""
    start = np.random.default_rng(0).standard_normal(min(draw.known.shape))
    left, values, right = svds(draw.known.astype(float), k=rank, v0=start)
    return lambda block: (left[block] * values) @ right


class Evidence:
    """What the blend sums: features (n_block, n_skills, n_features), each about within [0, 1]."""

    names = (
        "item-to-item",
        "svd",
        "popularity",
        "nearest word",
        "near words",
        "title words",
        "macro-skill",
        "neighbours' macro-skills",
        "category",
        "neighbours",
        "neighbours' words",
        "vectors",
    )

    def __init__(self, data: Requirements, draw: Draw, rank: int, vectors: NDArray[np.float32] | None) -> None:
        self._data, self._draw = data, draw
        self._items, self._svd = item_to_item(draw), truncated_svd(draw, rank)
        self._popularity = np.log1p(np.asarray(draw.known.sum(axis=0)).ravel()) / 7
        held = csr_matrix(diags(1 / np.maximum(np.asarray(draw.known.sum(axis=1)).ravel(), 1)) @ draw.known)
        self._macro, self._category = csr_matrix(held @ data.macro), csr_matrix(held @ data.category)
        text = unit_rows(csr_matrix(held @ data.words) + 0.5 * data.titles)
        profile = unit_rows(draw.known)
        likeness = (profile @ profile.T + data.around @ data.around.T + text @ text.T).toarray() / 3
        np.fill_diagonal(likeness, 0)
        cut = np.partition(likeness, -20, axis=1)[:, [-20]]
        near = np.where(likeness >= cut, likeness, 0)
        self._near = csr_matrix(near / near.sum(axis=1, keepdims=True))
        self._text = text
        self._vectors = None if vectors is None else unit_vectors(vectors)
        self._centre = None if self._vectors is None else unit_vectors(np.asarray(held @ self._vectors))

    def __call__(self, block: Block) -> NDArray[np.float64]:
        data, draw = self._data, self._draw
        nearest, near = [], []
        for occupation in block:
            # (n_skills, n_known); the candidate itself is known or hidden, never both
            cosine = (data.words @ data.words[_row(draw.known, occupation)].T).toarray()
            count = min(5, cosine.shape[1])
            top = -np.partition(-cosine, count - 1, axis=1)[:, :count]
            nearest.append(top.max(axis=1))
            near.append(top.mean(axis=1))
        features = [
            np.log1p(self._items(block)),
            self._svd(block),
            np.tile(self._popularity, (len(block), 1)),
            np.array(nearest),
            np.array(near),
            (data.titles[block] @ data.words.T).toarray(),
            np.sqrt((self._macro[block] @ data.macro.T).toarray()),
            np.sqrt((self._near[block] @ self._macro @ data.macro.T).toarray()),
            (self._category[block] @ data.category.T).toarray(),
            np.sqrt((self._near[block] @ draw.known).toarray()),
            (self._near[block] @ self._text @ data.words.T).toarray(),
        ]
        if self._vectors is not None and self._centre is not None:
            features.append(self._centre[block] @ self._vectors.T)
        return np.stack(features, axis=-1)


def fit_blend(evidence: Evidence, draw: Draw, seed: int) -> NDArray[np.float64]:
    """Weights of a softmax of each hidden link against all skills that are not required, on some occupations."""
    count = draw.known.shape[0]
    chosen = np.sort(np.random.default_rng(seed).choice(count, min(FITTED, count), replace=False))
    features, free, hidden = [], [], []
    for start in range(0, len(chosen), BLOCK):
        block = chosen[start : start + BLOCK]
        features.append(evidence(block).astype(np.float32))
        free.append((draw.known[block] + draw.hidden[block]).toarray() == 0)
        hidden.append(draw.hidden[block].toarray() > 0)
    every, against, own = np.concatenate(features), np.concatenate(free), np.concatenate(hidden)

    def loss(weight: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = every @ weight.astype(np.float32)
        odds = np.exp(score - score.max(axis=1, keepdims=True))
        total, each = np.where(against, odds, 0).sum(axis=1, keepdims=True), np.where(own, odds, 0)
        sought = int(own.sum())
        value = (np.log(total + each) - np.log(odds))[own].sum() / sought
        # the derivative of log(total + each) - log(each), by the score of each skill
        pull = np.where(own, each / (total + each) - 1, 0)
        share = np.where(own, 1 / (total + each), 0).sum(axis=1, keepdims=True)
        slope = (pull + np.where(against, odds, 0) * share) / sought
        gradient = np.tensordot(slope.astype(np.float32), every, axes=2).astype(np.float64)
        return float(value + 1e-4 * weight @ weight), gradient + 2e-4 * weight

    start_at = np.ones(every.shape[2])
    return np.asarray(minimize(loss, start_at, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x)


def learn_vectors(
    tables: GraphTables, data: Requirements, draw: Draw, seconds: float, *, mobility: bool = False
) -> NDArray[np.float32]:
    """Vectors of the skills, learned without the hidden links: (n_skills, size); 0 where nothing else is known."""
    from embeddings.train import TrainingSettings, train  # noqa: PLC0415  the extra is asked for only here

    triples = Triples.of(tables, mobility=mobility)
    row, column = draw.hidden.nonzero()
    hidden = {(data.occupations[i], data.skills[j]) for i, j in zip(row, column, strict=True)}
    required = [name in REQUIRES for name in triples.relations]
    keep = np.array(
        [
            not required[r] or (triples.entities[h][1], triples.entities[t][1]) not in hidden
            for h, r, t in triples.rows.tolist()
        ]
    )
    left = triples.keep(keep)
    trained = train(left, TrainingSettings(held_out=0, epochs=1000, seconds=seconds))
    known = np.zeros(len(triples.entities), dtype=bool)
    known[left.rows[:, [0, 2]]] = True
    at = [triples.index_of["Skill", code] for code in data.skills]
    return np.where(known[at, None], trained.vectors[at], 0)


def main() -> None:
    """Prints a table of the methods."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="processor seconds of each of the two trainings")
    asked = parser.parse_args()
    tables = published_tables()
    data = Requirements.of(tables)
    outer = Draw.of(data.links, asked.seed)
    inner = Draw.of(outer.known, asked.seed + 1)
    svd = {rank: recover(truncated_svd(inner, rank), inner)[0]["mrr"] for rank in RANKS}
    rank = max(svd, key=lambda k: svd[k])
    print("inner MRR by rank of the SVD:", {k: round(v, 4) for k, v in svd.items()}, flush=True)
    scorers: dict[str, Scorer] = {
        "popularity": popularity(outer),
        "item-to-item cosine": item_to_item(outer),
        f"truncated SVD ({rank})": truncated_svd(outer, rank),
        "blend, no vectors": _blend(data, inner, outer, rank, (None, None)),
    }
    if asked.seconds:
        inside, outside = (learn_vectors(tables, data, draw, asked.seconds) for draw in (inner, outer))
        scorers["blend with vectors"] = _blend(data, inner, outer, rank, (inside, outside))
        held = csr_matrix(diags(1 / np.maximum(np.asarray(outer.known.sum(axis=1)).ravel(), 1)) @ outer.known)
        unit = unit_vectors(outside)
        centre = unit_vectors(np.asarray(held @ unit))
        scorers["vectors alone"] = lambda block: (centre[block] @ unit.T).astype(float)
    for name, scorer in scorers.items():
        started = time.monotonic()
        figures = {key: round(value, 4) for key, value in recover(scorer, outer)[0].items()}
        print(f"{name:<26}", figures, f"{time.monotonic() - started:.0f} s", flush=True)


def _blend(
    data: Requirements, inner: Draw, outer: Draw, rank: int, vectors: tuple[NDArray[np.float32] | None, ...]
) -> Scorer:
    weight = fit_blend(Evidence(data, inner, rank, vectors[0]), inner, seed=3)
    print("weights:", dict(zip(Evidence.names, weight.round(2).tolist(), strict=False)), flush=True)
    evidence = Evidence(data, outer, rank, vectors[1])
    return lambda block: evidence(block) @ weight


def _blocks(count: int) -> Iterator[Block]:
    return (np.arange(start, min(start + BLOCK, count)) for start in range(0, count, BLOCK))


def _row(matrix: csr_matrix, row: int) -> NDArray[np.int32]:
    return matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]


def _masked(links: csr_matrix, mask: NDArray[np.bool_]) -> csr_matrix:
    kept = links.tocoo()
    return csr_matrix((kept.data[mask], (kept.row[mask], kept.col[mask])), shape=links.shape)


def _links(frame: pd.DataFrame, rows: list[str], columns: list[str] | None = None) -> csr_matrix:
    columns = sorted(frame["end"].unique()) if columns is None else columns
    where = (pd.Index(rows).get_indexer(frame["start"]), pd.Index(columns).get_indexer(frame["end"]))
    return csr_matrix((np.ones(len(frame)), where), shape=(len(rows), len(columns)))


def _groups(tables: GraphTables, table: str, skills: pd.DataFrame) -> csr_matrix:
    frame = tables.relationships[table]
    frame = frame[frame["start"].isin(skills["codeOgr"])][["start", "end"]]
    if table == "skill_in_macro":
        macro = skills.loc[skills["macro"], "codeOgr"]
        frame = pd.concat([frame, pd.DataFrame({"start": macro, "end": macro})])
    return _links(frame, skills["codeOgr"].tolist())


if __name__ == "__main__":
    main()
