"""Transferable skills: which required skills a held skill answers in another occupation, as SIMILAR_TO.

The score is a weighted sum of what ``embeddings.evidence`` measures, through the logistic function. Its order was
judged by hand, band by band (docs/embeddings.md, ``judgements.tsv``); it is no probability, and nothing calls it one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from embeddings.evidence import FEATURES, SkillSet, candidates, measure, same_spelling
from embeddings.vectors import Vectors
from graph.tables import GraphTables

#: at most so many answered skills a held one
MOST = 10
#: ``model`` of pairs that no vectors were there for
WORDS = "words"
#: one skill written twice; everything else stays below
SAME: Final = 1.0
_BELOW_SAME: Final = 0.999

#: weights by ``FEATURES``, then the constant; fitted on the pairs of ``judgements.tsv`` marked "dev" alone
_WITH_VECTORS = np.array([3.04, 4.81, 0.39, 0.28, 1.23, -5.93])
_WORDS_ALONE = np.array([3.19, 4.64, 0.37, 0.59, 0.0, -5.61])
#: the least score of a SIMILAR_TO: of the pairs judged by hand, 0.88 from there to 0.9 hold, and 0.76 just below
THRESHOLD: Final = 0.8


@dataclass(frozen=True)
class Transfer:
    """What held skills answer among required ones.

    answered:   DataFrame, a row for each required skill that is answered and not held: required, held (the one that
        answers best), score; best first
    unanswered: required skills that nothing held answers: "sans correspondance", to be said and counted
    """

    answered: pd.DataFrame
    unanswered: tuple[str, ...]


def transfer(similar: pd.DataFrame, held: Iterable[str], required: Iterable[str]) -> Transfer:
    """Joins held and required skills (codeOgr) through a SIMILAR_TO table; a required skill that is held is neither."""
    owned, asked = set(held), set(required)
    missing = asked - owned
    rows = similar[similar["start"].isin(owned) & similar["end"].isin(missing)]
    best = rows.sort_values(["score", "end", "start"], ascending=[False, True, True]).drop_duplicates("end")
    answered = best.rename(columns={"start": "held", "end": "required"})[["required", "held", "score"]]
    return Transfer(answered.reset_index(drop=True), tuple(sorted(missing - set(answered["required"]))))


def similar_table(tables: GraphTables, vectors: Vectors | None) -> pd.DataFrame:
    """SIMILAR_TO: start (held), end (required), score in (0, 1], model; sorted by start, then end.

    Only skills that occupations require, never certifications; at most ``MOST`` a held skill, all of a score of
    ``THRESHOLD`` or more.

    vectors: of these tables' triples; None: words, act and macro-skill speak alone, and ``model`` says so
    """
    skills = SkillSet.of(tables, vectors)
    pairs = candidates(skills)
    score = scores(skills, pairs)
    kept = score >= THRESHOLD
    frame = pd.DataFrame(
        {"start": skills.codes[pairs[kept, 0]], "end": skills.codes[pairs[kept, 1]], "score": score[kept]}
    )
    frame = frame.sort_values(["start", "score", "end"], ascending=[True, False, True])
    frame = frame.groupby("start", sort=False).head(MOST).sort_values(["start", "end"], ignore_index=True)
    return frame.assign(model=WORDS if vectors is None else vectors.card.name)


def with_similar(tables: GraphTables, vectors: Vectors | None) -> GraphTables:
    """The tables with their ``similar_to`` made anew."""
    relationships = {**tables.relationships, "similar_to": similar_table(tables, vectors)}
    return GraphTables.of(tables.nodes, relationships, tables.meta)


def scores(skills: SkillSet, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n_pairs,) in (0, 1], to three decimals; ``SAME`` for one skill in two spellings and for no other."""
    weights = _WORDS_ALONE if skills.vectors is None else _WITH_VECTORS
    odds = measure(skills, pairs) @ weights[: len(FEATURES)] + weights[-1]
    score = np.round(1 / (1 + np.exp(-odds.astype(np.float64))), 3)
    return np.where(same_spelling(skills, pairs), SAME, np.clip(score, 0.001, _BELOW_SAME))
