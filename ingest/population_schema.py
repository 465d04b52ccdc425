"""The columns of a generated population's files."""

import pyarrow as pa

_TEXT = pa.string()


def _always(name: str, of: pa.DataType) -> pa.Field:
    return pa.field(name, of, nullable=False)


#: ``passerelle batch`` reads it as it is; a list may be empty; ``area`` is an employment area
SEEKERS = pa.schema(
    [
        _always("seeker", _TEXT),
        _always("generated", pa.bool_()),
        _always("past_occupations", pa.list_(pa.struct([_always("code_rome", _TEXT), _always("years", _TEXT)]))),
        _always(
            "skills",
            pa.list_(pa.struct([_always("code_ogr", _TEXT), _always("origin", _TEXT), pa.field("level", _TEXT)])),
        ),
        _always("refused_contexts", pa.list_(_TEXT)),
        _always("area", _TEXT),
        pa.field("reach_km", pa.int32()),
    ]
)
#: codeRome, codeRome3, codeOgr of the title and of what is asked; INSEE's code; euros a month
OFFERS = pa.schema(
    [
        _always("offer", _TEXT),
        _always("generated", pa.bool_()),
        _always("occupation", _TEXT),
        _always("family", _TEXT),
        pa.field("title", _TEXT),
        _always("asked", pa.list_(pa.struct([_always("code_ogr", _TEXT), _always("required", pa.bool_())]))),
        pa.field("commune", _TEXT),
        pa.field("area", _TEXT),
        pa.field("contract", _TEXT),
        pa.field("monthly_wage", pa.int32()),
    ]
)
