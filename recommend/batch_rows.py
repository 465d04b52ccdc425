"""Blocks of profiles as Arrow gives them, and what they were recommended as Arrow takes it; no file is read here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from passerelle.errors import BatchInputError
from recommend.batch import recommend_block
from recommend.batch_profiles import EVIDENCE, YEARS_OF, Profiles, Recommended, Rows
from recommend.batch_space import BatchSpace
from recommend.kinds import KINDS_OF_MOVE
from recommend.rank import MODELS

#: what is read of each row; any other column is passed over, and all but the id may lack
SEEKER = "seeker"
_TEXT = pa.string()
PAST = pa.list_(pa.struct([("code_rome", _TEXT), ("years", _TEXT)]))
SKILLS = pa.list_(pa.struct([("code_ogr", _TEXT), ("origin", _TEXT), ("level", _TEXT)]))
CONTEXTS = pa.list_(_TEXT)
#: of each list: its type, and the field of its codes where it holds several
COLUMNS: Mapping[str, tuple[pa.DataType, str | None]] = {
    "past_occupations": (PAST, "code_rome"),
    "skills": (SKILLS, "code_ogr"),
    "refused_contexts": (CONTEXTS, None),
}
_WORD = pa.dictionary(pa.int16(), _TEXT)
RECOMMENDED = pa.schema(
    [
        pa.field(SEEKER, _TEXT, nullable=False),
        pa.field("situation", _WORD, nullable=False),
        pa.field("set_aside", pa.int32(), nullable=False),
        *(
            pa.field(name, pa.list_(pa.field("element", of, nullable=False)), nullable=False)
            for name, of in (
                ("occupations", _WORD),
                ("log_odds", pa.float32()),
                ("scores", pa.float32()),
                ("kinds", _WORD),
                ("known_mobilities", pa.bool_()),
                ("evidence", pa.list_(pa.field("element", _WORD, nullable=False))),
            )
        ),
    ]
)
#: rows that could not be read: their number in the file from 0, the id where there is one, and why
SET_ASIDE = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field(SEEKER, _TEXT),
        pa.field("reason", _TEXT, nullable=False),
        pa.field("message", _TEXT, nullable=False),
    ]
)
REASONS: dict[str, str] = {
    "seeker-missing": "l'identifiant manque",
    "nothing-held": "ni métier exercé ni compétence : il n'y a rien à rapprocher",
    "unknown-occupation": "un métier exercé n'est pas un code du ROME en usage",
    "unknown-years": "des années qui ne sont ni « 0-2 », ni « 3-5 », ni « 6+ »",
    "unknown-skill": "une compétence n'est pas un code du ROME en usage",
    "unknown-context": "un contexte refusé n'est pas un code du ROME en usage",
    "code-twice": "le même code est donné deux fois",
}
_UNKNOWN = dict(zip(COLUMNS, ("unknown-occupation", "unknown-skill", "unknown-context"), strict=True))
_OWN_YEARS = pa.array([years for years in YEARS_OF if years], _TEXT)


def check_columns(schema: pa.Schema, file: str) -> None:
    """raises: BatchInputError when a column lacks or has another type than docs/batch.md says"""
    if SEEKER not in schema.names:
        raise BatchInputError(file, f"la colonne « {SEEKER} » manque")
    if not {"past_occupations", "skills"} & set(schema.names):
        raise BatchInputError(file, "ni « past_occupations » ni « skills » : il n'y a rien à rapprocher")
    for name in (SEEKER, *COLUMNS):
        if name not in schema.names:
            continue
        if schema.names.count(name) > 1:
            raise BatchInputError(file, f"la colonne « {name} » est donnée deux fois")
        found = schema.field(name).type
        if name == SEEKER:
            is_right = _is_text(found)
        else:
            code = COLUMNS[name][1]
            is_right = (pa.types.is_list(found) or pa.types.is_large_list(found)) and (
                _is_text(found.value_type) if code is None else _has_texts(found.value_type, code)
            )
        if not is_right:
            raise BatchInputError(file, f"la colonne « {name} » est de type {found}")


def _is_text(of: pa.DataType) -> bool:
    return bool(pa.types.is_string(of) or pa.types.is_large_string(of))


def _has_texts(of: pa.DataType, code: str) -> bool:
    return bool(
        pa.types.is_struct(of)
        and code in {field.name for field in of}
        and all(_is_text(field.type) for field in of if field.name in {code, "years"})
    )


@dataclass(frozen=True)
class BatchRows:
    """Reads blocks of rows for a space, and writes what they were recommended."""

    space: BatchSpace

    @cached_property
    def _codes(self) -> dict[str, pa.Array]:
        graph = self.space.graph
        of = (graph.codes, graph.skill_codes, graph.context_codes)
        return {name: pa.array(list(codes), _TEXT) for name, codes in zip(COLUMNS, of, strict=True)}

    @cached_property
    def _words(self) -> dict[str, pa.Array]:
        texts = {"occupations": list(self.space.graph.codes), "situation": MODELS}
        return {
            name: pa.array(of, _TEXT) for name, of in (texts | {"kinds": KINDS_OF_MOVE, "evidence": EVIDENCE}).items()
        }

    def recommend(
        self, batch: pa.RecordBatch, *, first_row: int = 0, limit: int = 20
    ) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """What the rows were recommended (``RECOMMENDED``), and the rows set aside (``SET_ASIDE``); each row in one.

        batch:     rows whose columns passed ``check_columns``
        first_row: number of the first row in its file
        """
        reasons = self._reasons(batch)
        bad = np.flatnonzero(reasons)
        kept = batch.filter(pa.array(reasons == 0)) if bad.size else batch
        found = recommend_block(self.space, self.profiles(kept), limit)
        names = [list(REASONS)[place - 1] for place in reasons[bad].tolist()]
        ids = batch.column(SEEKER).take(pa.array(bad)).cast(_TEXT)
        texts = [pa.array(names, _TEXT), pa.array([REASONS[name] for name in names], _TEXT)]
        aside = pa.RecordBatch.from_arrays([pa.array(bad + first_row, pa.int64()), ids, *texts], schema=SET_ASIDE)
        return self._written(kept.column(SEEKER).cast(_TEXT), found), aside

    def profiles(self, batch: pa.RecordBatch) -> Profiles:
        """The rows as profiles; their codes are known."""
        parts = {name: self._places(batch, name) for name in COLUMNS}
        (past_at, past), years = parts["past_occupations"], self._years(batch)
        order = np.lexsort((past, np.repeat(np.arange(len(batch)), np.diff(past_at))))
        return Profiles(past_at, past[order], years[order], *parts["skills"], *parts["refused_contexts"])

    def _values(self, batch: pa.RecordBatch, name: str) -> tuple[Rows, pa.Array]:
        """Where each row's own begin, and all of them."""
        if name not in batch.schema.names:
            return np.zeros(len(batch) + 1, dtype=np.int64), pa.array([], COLUMNS[name][0].value_type)
        column = batch.column(name)
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), column.flatten()

    def _places(self, batch: pa.RecordBatch, name: str) -> tuple[Rows, Rows]:
        """Where each row's own begin, and the place of each code; -1 for one that is unknown."""
        at, values = self._values(batch, name)
        field = COLUMNS[name][1]
        codes = (values if field is None else pc.struct_field(values, field)).cast(_TEXT)
        found = pc.index_in(codes, value_set=self._codes[name], skip_nulls=True)
        return at, pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)

    def _years(self, batch: pa.RecordBatch) -> NDArray[np.int8]:
        """Index into ``YEARS_OF`` of each past occupation; -1 for a text that is none of them."""
        _, values = self._values(batch, "past_occupations")
        if not pa.types.is_struct(values.type) or values.type.get_field_index("years") < 0:
            return np.zeros(len(values), dtype=np.int8)
        said = pc.struct_field(values, "years").cast(_TEXT)
        found = pc.fill_null(pc.index_in(said, value_set=_OWN_YEARS, skip_nulls=True), -2)
        places = found.to_numpy(zero_copy_only=False) + 1
        return np.where(said.is_null().to_numpy(zero_copy_only=False), 0, places).astype(np.int8)

    def _reasons(self, batch: pa.RecordBatch) -> NDArray[np.int8]:
        """(n_rows,) 0 for a row that can be read, else 1 and the place in ``REASONS`` of why not."""
        names = list(REASONS)
        n = len(batch)
        reasons = np.zeros(n, dtype=np.int8)

        def because(reason: str, rows: Rows | NDArray[np.bool_]) -> None:
            hit = np.zeros(n, dtype=bool)
            hit[rows] = True
            reasons[hit & (reasons == 0)] = names.index(reason) + 1

        ids = batch.column(SEEKER)
        lacks = pc.fill_null(pc.equal(pc.utf8_length(ids), 0), fill_value=True)
        because("seeker-missing", lacks.to_numpy(zero_copy_only=False))
        some = np.zeros(n, dtype=np.int64)
        for name in COLUMNS:
            at, places = self._places(batch, name)
            row = np.repeat(np.arange(n), np.diff(at))
            because(_UNKNOWN[name], row[places < 0])
            if name == "past_occupations":
                because("unknown-years", row[self._years(batch) < 0])
            order = np.lexsort((places, row))
            row, places = row[order], places[order]
            because("code-twice", row[1:][(row[1:] == row[:-1]) & (places[1:] == places[:-1])])
            if name != "refused_contexts":
                some += np.diff(at)
        because("nothing-held", some == 0)
        return reasons

    def _written(self, ids: pa.Array, found: Recommended) -> pa.RecordBatch:
        there = found.occupation >= 0
        at = pa.array(np.concatenate([[0], np.cumsum(there.sum(axis=1))]), pa.int32())
        told = found.evidence[there]
        evidence_at = pa.array(np.concatenate([[0], np.cumsum((told >= 0).sum(axis=1))]), pa.int32())

        def words(name: str, places: NDArray[np.integer]) -> pa.Array:
            return pa.DictionaryArray.from_arrays(pa.array(places, pa.int16()), self._words[name])

        inner = RECOMMENDED.field("evidence").type.value_type
        values = {
            "occupations": words("occupations", found.occupation[there]),
            "log_odds": pa.array(found.log_odds[there], pa.float32()),
            "scores": pa.array(np.round(100 * found.share[there], 1), pa.float32()),
            "kinds": words("kinds", found.kind[there]),
            "known_mobilities": pa.array(found.listed[there]),
            "evidence": pa.ListArray.from_arrays(evidence_at, words("evidence", told[told >= 0]), type=inner),
        }
        arrays = [ids, words("situation", found.situation), pa.array(found.set_aside, pa.int32())]
        arrays += [pa.ListArray.from_arrays(at, of, type=RECOMMENDED.field(name).type) for name, of in values.items()]
        return pa.RecordBatch.from_arrays(arrays, schema=RECOMMENDED)
