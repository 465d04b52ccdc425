"""What vectors add, and what each group of relations adds to them.

PASSERELLE_DATA=... python -m benchmarks.embedding_ablation                shipped vectors beside the skills in common
PASSERELLE_DATA=... python -m benchmarks.embedding_ablation --seconds 40   and trains without each group (extra train)

Occupations: recall@20 and MRR of the mobilities that ROME's experts list, among all other occupations, by the cosine of
skills in common (idf), by that of the vectors, and by their sum; no vector has seen a mobility. The sum's weight is
chosen on the occupations of even rank and measured, as everything, on the odd ones. Skills: area under the ROC curve of
the vectors' cosine on the pairs judged by hand (embeddings/judgements.tsv).
"""

import argparse
import csv
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.stats import rankdata

from benchmarks.published import published_tables
from embeddings.triples import RELATIONS, Triples
from embeddings.vectors import find_vectors
from embeddings.words import unit_rows, unit_vectors
from graph.tables import GraphTables

GROUPS = {
    "contexts": ("has-context",),
    "certifications": ("requires-certification",),
    "core and emerging": ("requires-core", "requires-emerging"),
    "macro-skills, categories": ("skill-in-macro", "skill-in-category", "category-in-category"),
    "domains, families": ("in-domain", "in-grand-domain", "in-family"),
    "sectors, NAF": ("in-sector", "in-sub-sector", "sub-sector-in-sector", "in-naf-division"),
    "interests, themes, RIASEC": tuple(n for n in RELATIONS if "riasec" in n or n in {"has-interest", "has-theme"}),
}
WEIGHTS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)


def main() -> None:
    """Prints both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, help="processor seconds of each training")
    asked = parser.parse_args()
    tables = published_tables()
    triples = Triples.of(tables)
    common = skills_in_common(tables)
    _print("skills in common (idf)", mobility(tables, common))
    shipped = find_vectors(triples)
    if shipped is not None:
        vectors = shipped.values.astype(np.float32)
        alone = occupation_cosine(tables, triples, vectors)
        best = max(WEIGHTS, key=lambda weight: mobility(tables, common + weight * alone, even=True)["recall@20"])
        _print("shipped vectors", mobility(tables, alone) | judged(triples, vectors))
        _print(f"skills + {best} x vectors", mobility(tables, common + best * alone))
    if asked.seconds:
        for name, left_out in {"all relations": (), **GROUPS}.items():
            fewer = Triples.of(tables, without=left_out)
            vectors = learn(fewer, asked.seconds)
            figures = mobility(tables, occupation_cosine(tables, fewer, vectors)) | judged(fewer, vectors)
            _print(name if not left_out else f"without {name}", figures)


def learn(triples: Triples, seconds: float) -> NDArray[np.float32]:
    """Vectors with the shipped ones' settings but for the time."""
    from embeddings.train import TrainingSettings, train  # noqa: PLC0415  the extra is asked for only here

    settings = replace(TrainingSettings(), held_out=0, epochs=1000, seconds=seconds)
    return train(triples, settings).vectors


def skills_in_common(tables: GraphTables) -> NDArray[np.float64]:
    """(n_occupations, n_occupations) cosine of required skills, weighted by idf."""
    links = tables.relationships["requires"]
    rows = pd.Index(tables.nodes["Occupation"]["codeRome"]).get_indexer(links["start"])
    skills, columns = np.unique(links["end"].to_numpy(dtype=str), return_inverse=True)
    held = csr_matrix((np.ones(len(links)), (rows, columns)), shape=(len(tables.nodes["Occupation"]), len(skills)))
    weighted = unit_rows(csr_matrix(held @ diags(np.log(held.shape[0] / np.bincount(columns)))))
    return np.asarray((weighted @ weighted.T).toarray())


def occupation_cosine(tables: GraphTables, triples: Triples, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n_occupations, n_occupations) cosine of the occupations' vectors, centred."""
    at = [triples.index_of["Occupation", code] for code in tables.nodes["Occupation"]["codeRome"]]
    unit = unit_vectors(vectors[at])
    return np.asarray(unit @ unit.T, dtype=np.float64)


def mobility(tables: GraphTables, likeness: NDArray[np.float64], *, even: bool = False) -> dict[str, float]:
    """Recall@20 and MRR of listed mobilities, on the occupations of odd or of even rank; others listed stand aside."""
    codes = pd.Index(tables.nodes["Occupation"]["codeRome"])
    moves = tables.relationships["moves_to"]
    starts, ends = codes.get_indexer(moves["start"]), codes.get_indexer(moves["end"])
    ranks = []
    for start in range(0 if even else 1, len(codes), 2):
        listed = ends[starts == start]
        others = np.ones(len(codes), dtype=bool)
        others[[start, *listed]] = False
        field = np.sort(likeness[start, others])
        ranks.append(1 + len(field) - np.searchsorted(field, likeness[start, listed], side="right"))
    rank = np.concatenate(ranks)
    return {"recall@20": float((rank <= 20).mean()), "mrr": float((1 / rank).mean())}


def judged(triples: Triples, vectors: NDArray[np.float32]) -> dict[str, float]:
    """Area under the ROC curve of the cosine on the pairs judged by hand; pairs of one skill in two spellings aside."""
    text = (files("embeddings") / "judgements.tsv").read_text(encoding="utf-8")
    rows = [row for row in csv.DictReader(text.splitlines(), delimiter="\t") if float(row["score"]) < 1]
    unit = unit_vectors(vectors)
    held, required = (unit[[triples.index_of["Skill", row[end]] for row in rows]] for end in ("held", "required"))
    holds = np.array([row["judgement"] == "yes" for row in rows])
    rank = rankdata(np.einsum("ij,ij->i", held, required))
    area = (rank[holds].sum() - holds.sum() * (holds.sum() + 1) / 2) / (holds.sum() * (~holds).sum())
    return {"judged AUC": float(area)}


def _print(name: str, figures: dict[str, float]) -> None:
    print(f"{name:<36}", {key: round(value, 3) for key, value in figures.items()}, flush=True)


if __name__ == "__main__":
    main()
