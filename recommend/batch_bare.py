"""Bare profiles, some at a time: through the experts' lens they are weighed by ``recommend.bare`` and not by pairs."""

from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_matrix

from recommend.bare import COSINES
from recommend.batch_block import Block
from recommend.batch_profiles import Rows
from recommend.batch_space import definitions
from recommend.features import FEATURES, Floats, blend


class BareBlock(Block):
    """Some profiles without a past occupation against every occupation, through the experts' lens."""

    #: some 60 MB of what each piece of evidence adds
    at_once: ClassVar[int] = 256
    seated_at_once: ClassVar[int] = 256

    def weighed(self) -> Floats:
        """(n, n_occupations) log-odds."""
        return np.asarray(self._every.sum(axis=0) + self.space.intercepts[self.model][:, None])

    def contributions(self, chosen: Rows) -> Floats:
        """As ``Block.contributions``."""
        return np.stack([np.take_along_axis(of, chosen, axis=1) for of in self._every], axis=2)

    @cached_property
    def _every(self) -> Floats:
        """(len(EVIDENCE), n, n_occupations) what each piece of evidence adds."""
        held, recommender = self.held(), self.space.recommender
        live = {}
        for name, (of, columns, is_cosine) in definitions(recommender).items():
            own = of(held)
            if is_cosine:
                length = np.sqrt(np.asarray(own.multiply(own).sum(axis=1)).ravel())
                own = csr_matrix(own.multiply(1 / np.where(length > 0, length, 1.0)[:, None]))
            live[name] = (own @ columns).toarray()
        like = blend({name: live[of] for name, of in COSINES.items()})
        weights = recommender.models["bare"].weights
        weighed = [weight * live[name] for name, weight in zip(FEATURES, weights, strict=True)]
        return np.concatenate([weighed, recommender.bare.by_group(recommender.bare.of_alike(like))])
