"""What each group of evidence, the vectors and a two-tower network add to the experts' ranking.

PASSERELLE_DATA=... python -m benchmarks.ranking_ablation --folds 5 --groups   everything, all folds (extra train)
PASSERELLE_DATA=... python -m benchmarks.ranking_ablation --groups --towers 0  the first fold, without the network

Folds, sample, cross-fitting and penalty are those of ``passerelle evaluate``; each variant's weights are fitted anew,
and every occupation is weighed as a known one. Vectors have seen no mobility. A training pair's score by the network
comes from a tower learned without its inner fold, a hidden pair's from one learned without the outer fold.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from benchmarks.embedding_ablation import occupation_cosine
from benchmarks.published import published_tables
from embeddings.similar import with_similar
from embeddings.triples import Triples
from embeddings.vectors import find_vectors
from recommend.content import Content
from recommend.evaluation import Fold, filtered_ranks, folds_of, listed_either_way, metrics, refuse_leak
from recommend.features import FeatureSpace, sharpen
from recommend.fit import published
from recommend.groups import GROUPS, group_of
from recommend.learn import ACROSS, Sample, cross_fitted, evidence_of, fit_weights, pair_folds
from recommend.learned import LIVE
from recommend.likeness import Likeness, Named, Pairs
from recommend.measures import cross_domain
from recommend.mobility import mobility_pairs
from recommend.pairs import situations_of
from recommend.skillgraph import NO, YES, SkillGraph
from recommend.units import unit_rows

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Keeps = Callable[[str], bool]

#: how much the vectors' cosine counts beside the first blend in the kernel that has it; by hand
_VECTORS_IN_KERNEL = 0.3
VECTORS, TOWER = "vectors/", "tower/"
_BY_VECTORS = ("ridge 2", "nearest 2")


def main() -> None:
    """Prints a Markdown table; what each fold gave goes to stderr on the way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=460)
    parser.add_argument("--folds", type=int, default=1, help="how many of the five, from the first on")
    parser.add_argument("--groups", action="store_true", help="take each group of evidence away too")
    parser.add_argument("--towers", type=int, default=1, help="how many networks are averaged; 0: torch is not needed")
    asked = parser.parse_args()
    tables = published_tables()
    triples = Triples.of(tables)
    vectors = find_vectors(triples)
    if vectors is None:
        raise SystemExit("no vectors for these data: run `passerelle train`")
    graph = SkillGraph.of(with_similar(tables, vectors))
    cosine = occupation_cosine(tables, triples, vectors.values.astype(np.float32)).astype(np.float32)
    bench = Bench(graph, Content.of(tables), cosine, listed_either_way(graph), asked.seed, asked.towers)
    found: dict[str, list[Floats]] = {}
    held_out: list[NDArray[np.int64]] = []
    for fold in islice(folds_of(graph, asked.seed), asked.folds):
        ranks = bench.ranks(fold, variants(groups=asked.groups, tower=asked.towers > 0))
        held_out.append(fold.held_out)
        for name, ranked in ranks.items():
            found.setdefault(name, []).append(ranked)
        _tell(f"fold {fold.number}\n{table(ranks, fold.held_out, graph.grand_domain)}")
    whole, pairs = {name: np.concatenate(ranked) for name, ranked in found.items()}, np.concatenate(held_out)
    print(f"{graph.data_version}, seed {asked.seed}, {len(held_out)} of 5 folds, {len(pairs):,} hidden mobilities\n")
    print(table(whole, pairs, graph.grand_domain))


def variants(*, groups: bool, tower: bool) -> dict[str, Keeps]:
    """Which evidence each variant keeps, by its name."""

    def also(*names: str) -> Keeps:
        return lambda name: _is_shipped(name) or any(part in name for part in names)

    def without(*groups: str) -> Keeps:
        return lambda name: _is_shipped(name) and group_of(name) not in groups

    kept: dict[str, Keeps] = {
        "as it is": _is_shipped,
        "with the vectors' cosine": also(VECTORS),
        "with it, and ridge and neighbours by it": also(VECTORS, *_BY_VECTORS),
    }
    if tower:
        kept |= {
            "with the two-tower score": also(TOWER + "score alone"),
            "with it, its place and its mean over neighbours": also(TOWER),
            "with vectors and tower, all of it": also(VECTORS, *_BY_VECTORS, TOWER),
        }
    if groups:
        live = LIVE.rstrip("/")
        kept |= {f"without {group}": without(group) for group in (live, *GROUPS)}
        kept["without any mobility"] = without("moves-around", "common-mobilities", "classes-move")
    return kept


def _is_shipped(name: str) -> bool:
    return not any(part in name for part in (VECTORS, TOWER, *_BY_VECTORS))


def table(ranks: Mapping[str, Floats], held_out: NDArray[np.int64], grand_domain: NDArray[np.int32]) -> str:
    """Markdown; what is gained is beyond the first row, ± its standard error, sources drawn as a whole.

    ranks: by variant, (n,) of each of ``held_out``, (n, 2)
    """
    across = cross_domain(held_out, grand_domain)
    lines = ["| evidence | MRR | Hits@10 | MRR, other grand domain | Hits@10, other grand domain | MRR gained |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    first = next(iter(ranks.values()))
    for name, own in ranks.items():
        every, far = metrics(own), metrics(own[across])
        gain = 1 / own - 1 / first
        figures = [f"{one[key]:.3f}" for one in (every, far) for key in ("mrr", "hits@10")]
        spread = np.sqrt((np.bincount(held_out[:, 0], gain - gain.mean()) ** 2).sum()) / len(gain)
        gained = f"{gain.mean():+.4f} ± {spread:.4f}" if own is not first else ""
        lines.append("| " + " | ".join([name, *figures, gained]) + " |")
    return "\n".join(lines)


@dataclass
class Bench:
    """What does not change from fold to fold.

    vectors: (n_occupations, n_occupations) cosine; listed: likewise, pairs that are passed over in ranking
    """

    graph: SkillGraph
    content: Content
    vectors: Pairs
    listed: Booleans
    seed: int
    towers: int
    likeness: Likeness = field(init=False)
    fixed: dict[str, Pairs] = field(init=False)
    traits: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        """Reads no mobility."""
        space = FeatureSpace.of(self.graph)
        plain = Likeness.of(self.graph, space, self.content)
        kernel = (1 - _VECTORS_IN_KERNEL) * plain.blends[0] + _VECTORS_IN_KERNEL * self.vectors
        others = np.maximum(kernel, 0) * (1 - np.eye(len(kernel)))
        solved = np.linalg.solve(kernel + np.eye(len(kernel)), kernel.astype(np.float64))
        ridge = ((solved + solved.T) / 2).astype(np.float32)
        near = np.apply_along_axis(sharpen, 1, others).astype(np.float32)
        self.likeness = replace(plain, ridges=(*plain.ridges, ridge), nearest=(*plain.nearest, near))
        self.fixed = dict(published(self.graph, space)) | dict(self.likeness.pairs(self.graph))
        self.fixed[VECTORS + "cosine"] = self.vectors
        self.traits = traits_of(self.graph, plain)

    def ranks(self, fold: Fold, asked: Mapping[str, Keeps]) -> dict[str, Floats]:
        """Of each of the fold's hidden mobilities, by variant, and by the vectors and the tower alone."""
        refuse_leak(fold)
        seen = fold.graph.moves.toarray() > 0
        cold = situations_of(seen)[np.unique(fold.held_out[:, 0])]
        _tell(f"fold {fold.number}: {int((cold > 0).sum())} sources that serving would call cold")
        ridge = self.likeness.ridges[0]
        # as recommend.fit.learn draws its sample
        likely = ridge @ seen.astype(np.float32) @ ridge + np.float32(0.05) * self.likeness.blends[0]
        sample = Sample.draw(seen, likely, self.graph.grand_domain, self.seed)
        columns = dict(evidence_of(sample, iter(self.fixed.items())))
        columns |= dict(cross_fitted(fold.graph, self.likeness, seen, sample, cold=False, seed=self.seed))
        _tell(f"{len(columns)} pieces of evidence, {len(sample.source):,} pairs")
        alone = {"the vectors' cosine alone": self.vectors}
        towers: dict[str, Pairs] = {}
        if self.towers:
            columns |= self._cross_fitted_tower(seen, sample)
            towers = dict(self._of_tower(seen))
            alone["the two-tower network alone"] = towers[TOWER + "score alone"]
        weights = {name: self._weights(columns, sample, keeps) for name, keeps in asked.items()}
        scores = {name: np.zeros(seen.shape, dtype=np.float32) for name in asked}
        for name, matrix in self._all(fold.graph, seen, towers):
            for variant, own in weights.items():
                if own.get(name):
                    scores[variant] += np.float32(own[name]) * matrix
        return {
            name: filtered_ranks(matrix.astype(np.float64), fold.held_out, self.listed)
            for name, matrix in (scores | alone).items()
        }

    def _all(self, graph: SkillGraph, seen: Booleans, towers: Mapping[str, Pairs]) -> Named:
        yield from self.fixed.items()
        yield from mobility_pairs(graph, self.likeness, seen)
        yield from towers.items()

    @staticmethod
    def _weights(columns: Mapping[str, NDArray[np.float32]], sample: Sample, keeps: Keeps) -> dict[str, float]:
        names = [name for name in columns if keeps(name)]
        evidence = np.column_stack([columns[name] for name in names])
        weights = fit_weights(evidence, sample, np.array([name.startswith(LIVE) for name in names]))
        _tell(f"{len(names)} weights fitted")
        return dict(zip(names, weights.tolist(), strict=True))

    def _cross_fitted_tower(self, seen: Booleans, sample: Sample) -> dict[str, NDArray[np.float32]]:
        """The sample's values of the tower's evidence, each from a tower without its inner fold, both ways round."""
        fold_of = pair_folds(len(seen), INNER, self.seed)
        of_pair = fold_of[sample.source, sample.target]
        columns: dict[str, NDArray[np.float32]] = {}
        for fold in range(INNER):
            rows = np.flatnonzero(of_pair == fold)
            for name, matrix in self._of_tower(seen & (fold_of != fold)):
                column = columns.setdefault(name, np.empty(len(of_pair), dtype=np.float32))
                column[rows] = matrix[sample.source[rows], sample.target[rows]]
        return columns

    def _of_tower(self, seen: Booleans) -> Iterator[tuple[str, Pairs]]:
        seeds = range(self.seed, self.seed + self.towers)
        learned = [two_tower(self.traits, seen, self.graph.grand_domain, seed) for seed in seeds]
        score = np.asarray(np.mean(learned, axis=0), dtype=np.float32)
        _tell("towers learned")
        yield TOWER + "score alone", score
        order = np.argsort(np.argsort(-score, axis=1, kind="stable"), axis=1, kind="stable")
        yield TOWER + "place", np.log(order + 3).astype(np.float32)
        yield TOWER + "of those like the source", self.likeness.nearest[0] @ score
        yield TOWER + "of those like the target", score @ self.likeness.nearest[0].T


#: inner folds that towers are learned without; coordinates kept of each kind of content
INNER, _DIRECTIONS = 5, 100
#: the network's, chosen on the first inner fold of what is left when the outer fold 0 is hidden (docs/ranking.md)
_STEPS, _HIDDEN, _SIZE, _DROPOUT, _RATE, _TEMPERATURE = 200, 256, 128, 0.4, 0.004, 0.05


def traits_of(graph: SkillGraph, likeness: Likeness) -> NDArray[np.float32]:
    """(n_occupations, n_traits) what the towers read: leading directions of each cosine, domain, level, flags."""
    blocks = [_directions(cosine) for name, cosine in likeness.cosines.items() if name != "core"]
    for values in (graph.domain, graph.grand_domain, graph.level):
        blocks.append((values[:, None] == np.unique(values)).astype(np.float64))
    flags = [flag == value for flag in (graph.manager, graph.regulated) for value in (NO, YES)]
    return np.hstack([*blocks, np.column_stack(flags)]).astype(np.float32)


def _directions(cosine: Pairs) -> Floats:
    size = len(cosine)
    values, vectors = eigh(cosine.astype(np.float64), subset_by_index=(max(size - _DIRECTIONS, 0), size - 1))
    return unit_rows(vectors * np.sqrt(np.maximum(values, 0)))


def two_tower(traits: NDArray[np.float32], listed: Booleans, grand_domain: NDArray[np.int32], seed: int) -> Pairs:
    """(n, n) log-softmax over the targets of a source, by the cosine of two towers (Yi et al. 2019).

    The loss is that of the weights (``recommend.learn.fit_weights``): a listed target among all unlisted ones.

    traits: (n, n_traits); listed: (n, n) mobilities to learn from
    """
    import torch  # noqa: PLC0415  the extra is asked for only here
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(seed)

    def tower() -> nn.Sequential:
        into, out = nn.Linear(traits.shape[1], _HIDDEN), nn.Linear(_HIDDEN, _SIZE)
        return nn.Sequential(nn.Dropout(_DROPOUT), into, nn.GELU(), nn.Dropout(_DROPOUT), out)

    towers = nn.ModuleList([tower(), tower()])
    inputs = torch.from_numpy(traits)
    source, target = np.nonzero(listed)
    share = torch.from_numpy(np.where(grand_domain[source] != grand_domain[target], ACROSS, 1.0).astype(np.float32))
    passed_over = torch.from_numpy(listed | listed.T | np.eye(len(listed), dtype=bool))

    def logits() -> "torch.Tensor":
        left, right = (nn.functional.normalize(one(inputs), dim=1) for one in towers)
        return left @ right.T / _TEMPERATURE

    optimizer = torch.optim.AdamW(towers.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=_STEPS)
    for _ in range(_STEPS):
        optimizer.zero_grad()
        values = logits()
        rivals = values.masked_fill(passed_over, -torch.inf).logsumexp(dim=1)
        loss = (share * nn.functional.softplus(rivals[source] - values[source, target])).sum() / share.sum()
        loss.backward()
        optimizer.step()
        schedule.step()
    towers.eval()
    with torch.no_grad():
        return np.asarray(logits().log_softmax(dim=1).numpy(), dtype=np.float32)


_STARTED = time.perf_counter()


def _tell(text: str) -> None:
    print(f"{time.perf_counter() - _STARTED:6.0f} s  {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
