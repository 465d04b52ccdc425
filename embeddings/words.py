"""What a skill's label says: its words, the act that it names, and whether it is about teaching."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import snowballstemmer
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from graph.labels import fold, without_inclusive

#: no act is named: "Réaliser", "Techniques de"
NO_ACT = ""
#: passing a skill on, which is not having it
TEACHING = "teach"

_STEMMER = snowballstemmer.stemmer("french")
_WORD = re.compile(r"[a-z0-9+#]+")


def _list(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


#: words without a subject
_SMALL = _list(
    "a ainsi afin au aux avec ce ces cet cette comme dans de des du d en entre et etc ex exemple la le les leur leurs",
    "l lie liee lies liees n ne notamment on ou par pas plus pour qu que qui s sa se selon ses si son sous sur tous",
    "tout toute toutes un une vers y autre autres divers diverses differents differentes lors",
)
#: words that, at the beginning, only say "a skill": "Maîtrise des techniques de soudage" is "Soudage"
_FRAME = _list(
    "assurer capacite competence competences connaissance connaissances connaitre effectuer etre faire mettre place",
    "oeuvre proceder realisation realiser savoir maitrise maitriser technique techniques methode methodes principe",
    "principes bonne bonnes bases base notions",
)
_NEGATION = frozenset({"non", "sans", "hors"})


@dataclass(frozen=True)
class Wording:
    """One label, read."""

    #: stems of all words but the small ones, in order
    stems: tuple[str, ...]
    #: what it says without words that only say "a skill": two labels that share it are two spellings of one skill
    spelling: frozenset[str]
    #: the first act named ("design", "check"...), or NO_ACT
    act: str
    #: whether a word of teaching stands anywhere in it
    teaching: bool
    #: whether it begins with its act: "Contrôle des soudures" is done, "Connaissance des soudures" is only known
    act_first: bool


def read_label(label: str) -> Wording:
    """Reads one label: "Contrôler la qualité des soudures" names the act "check" and speaks of quality and welds."""
    words = [word for word in _WORD.findall(fold(without_inclusive(label))) if word not in _SMALL]
    framed = next((place for place, word in enumerate(words) if word not in _FRAME), 0)
    acts = _acts()
    named = [(place, acts[word][0]) for place, word in enumerate(words) if word in acts]
    stems = tuple(_stem(acts[word][1] if word in acts else word) for word in words)
    bare = frozenset(stems[framed:])
    negated = {f"{word} {after}" for word, after in itertools.pairwise(stems) if word in _NEGATION}
    return Wording(
        stems=stems,
        spelling=bare | negated,
        act=named[0][1] if named else NO_ACT,
        teaching=any(act == TEACHING for _, act in named),
        act_first=bool(named) and named[0][0] == 0,
    )


def tf_idf(documents: Sequence[Sequence[str]]) -> csr_matrix:
    """(n_documents, n_terms), rows of length 1 or 0; idf in nats, ln((n + 1) / documents that hold the term).

    A term counts once a document: labels are too short for a count to say more.
    """
    vocabulary: dict[str, int] = {}
    rows = [sorted({vocabulary.setdefault(term, len(vocabulary)) for term in terms}) for terms in documents]
    indptr = np.cumsum([0, *map(len, rows)])
    indices = np.array([term for row in rows for term in row], dtype=np.int64)
    held = csr_matrix((np.ones(len(indices)), indices, indptr), shape=(len(rows), max(len(vocabulary), 1)))
    frequency = np.maximum(np.bincount(indices, minlength=held.shape[1]), 1)
    return unit_rows(csr_matrix(held @ diags(np.log((len(rows) + 1) / frequency))))


def meanings(labels: csr_matrix, used_by: csr_matrix, size: int = 100) -> NDArray[np.float32]:
    """What labels mean by the company of their words: latent semantic analysis (Deerwester et al. 1990).

    A word is the occupations whose skills use it, reduced to ``size`` singular vectors; a label sums its words.

    labels:  (n_labels, n_terms) weights;  used_by: (n_labels, n_occupations) 0/1
    returns: (n_labels, at most size) rows of length 1; 0 for a label without a word
    """
    terms = csr_matrix(labels.T @ used_by)
    terms.data = np.log1p(terms.data)
    terms = unit_rows(terms)
    most = min(terms.shape)
    if most <= 2 * size:
        left, values, _ = np.linalg.svd(terms.toarray(), full_matrices=False)
        left, values = left[:, :size], values[:size]
    else:
        start = np.random.default_rng(0).standard_normal(most)
        left, values, _ = svds(terms, k=size, v0=start)
    reduced = left * values
    length = np.linalg.norm(reduced, axis=1, keepdims=True)
    reduced = np.divide(reduced, length, out=np.zeros_like(reduced), where=length > 1e-9)
    summed = np.asarray(labels @ reduced)
    length = np.linalg.norm(summed, axis=1, keepdims=True)
    return np.asarray(np.divide(summed, length, out=np.zeros_like(summed), where=length > 1e-9), dtype=np.float32)


def unit_rows(matrix: csr_matrix) -> csr_matrix:
    """The rows scaled to length 1; a row of zeros stays."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return csr_matrix(diags(np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)) @ matrix)


def unit_vectors(vectors: NDArray[np.floating]) -> NDArray[np.float32]:
    """(n, size) rows scaled to length 1 after the mean row is taken off; a row of zeros stays zero."""
    known = np.any(vectors != 0, axis=1)
    mean = vectors[known].sum(axis=0, keepdims=True) / max(int(known.sum()), 1)
    centred = np.where(known[:, None], vectors - mean, 0).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 0))


@cache
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


@cache
def _acts() -> dict[str, tuple[str, str]]:
    """Folded word -> its act, and the verb that it comes from ("gestion": "lead", "gerer")."""
    lines = (files("embeddings") / "acts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return {word: (act, verb) for word, act, verb in (line.split("\t") for line in lines)}
