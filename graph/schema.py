"""Labels, relationship types, keys and properties of the graph: the one place that names them.

``NODES`` and ``RELATIONSHIPS`` describe each table of ``GraphTables`` and, with the same names, what the server holds.
A table's dtype names are pandas'; every column may hold a missing value unless it is ``required``.
"""

from dataclasses import dataclass, field
from typing import Literal

DType = Literal["string", "boolean", "int64", "float64"]


@dataclass(frozen=True)
class Property:
    """A property of a node or relationship, and the column of the same name."""

    name: str
    dtype: DType = "string"
    required: bool = False


@dataclass(frozen=True)
class NodeSpec:
    """A node label: the table ``label`` with one row a node, unique by ``key``."""

    label: str
    key: str
    properties: tuple[Property, ...]
    #: boolean columns that also give the node a second label, column -> label
    extra_labels: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[Property, ...]:
        """The key first, then the properties."""
        return (Property(self.key, required=True), *self.properties)


@dataclass(frozen=True)
class RelationshipSpec:
    """A relationship table: ``start`` and ``end`` (the keys of both ends), unique as a pair, then properties."""

    table: str
    type: str
    start: str
    end: str
    properties: tuple[Property, ...] = ()

    @property
    def columns(self) -> tuple[Property, ...]:
        """Both ends first, then the properties."""
        return (Property("start", required=True), Property("end", required=True), *self.properties)


#: ``labelNorm`` is ``graph.labels.fold(label)``: what analysts match on, since ``=~ '(?i)...'`` differs between servers
_NAMED = (Property("label", required=True), Property("labelNorm", required=True))
_TRANSITIONS = (
    Property("transitionEco"),
    Property("transitionDigital", "boolean"),
    Property("transitionDemographic", "boolean"),
)
_CONDITIONS = (Property("regulated", "boolean"), Property("manager", "boolean"))

NODES: tuple[NodeSpec, ...] = (
    NodeSpec(
        "Occupation",
        "codeRome",
        (
            *_NAMED,
            Property("codeOgr", required=True),
            Property("definition"),
            Property("access"),
            *_TRANSITIONS,
            *_CONDITIONS,
            Property("retiredIn"),
        ),
    ),
    # the label of the occupation that carries the family's code today; missing where no occupation does
    NodeSpec("OccupationFamily", "codeRome3", (Property("label"), Property("labelNorm"))),
    NodeSpec(
        "JobTitle",
        "codeOgr",
        (
            *_NAMED,
            Property("shortLabel", required=True),
            Property("masculine", required=True),
            Property("feminine", required=True),
            Property("main", "boolean", required=True),
            Property("rare", "boolean", required=True),
            Property("familyCode"),
            *_TRANSITIONS,
            *_CONDITIONS,
        ),
    ),
    NodeSpec(
        "Skill",
        "codeOgr",
        (
            *_NAMED,
            # know-how | soft | knowledge | certification
            Property("kind", required=True),
            Property("macro", "boolean", required=True),
            # ROME's "sous_cat_comp": Technique | Technique expert | Transverse
            Property("level"),
            Property("definition"),
            Property("transitionEco", "boolean"),
            Property("transitionDigital", "boolean"),
            # a macro-skill's own: how alike its skills are, its code in the tree, where it comes from (PIX)
            Property("heterogeneity"),
            Property("codeMacro"),
            Property("origin"),
        ),
        {"macro": "MacroSkill"},
    ),
    # level: category | sub-category; ROME gives them no code: it is made of the folded labels
    NodeSpec("SkillCategory", "code", (*_NAMED, Property("level", required=True))),
    NodeSpec(
        "WorkContext",
        "code",
        (*_NAMED, Property("typeCode", required=True), Property("typeLabel", required=True)),
    ),
    NodeSpec("Interest", "code", (*_NAMED, Property("definition"))),
    NodeSpec("Theme", "code", (*_NAMED, Property("definition"))),
    NodeSpec("ActivitySector", "code", (*_NAMED, Property("definition"))),
    NodeSpec("ActivitySubSector", "code", (*_NAMED, Property("definition"))),
    NodeSpec("NafDivision", "code", _NAMED),
    NodeSpec("Domain", "code", _NAMED),
    NodeSpec("GrandDomain", "code", _NAMED),
    NodeSpec("Riasec", "code", _NAMED),
)

_IMPORTANCE = Property("importance", required=True)  # core | emerging | other
_MAIN = Property("main", "boolean", required=True)
_PLACE = Property("place", required=True)  # major | minor

RELATIONSHIPS: tuple[RelationshipSpec, ...] = (
    RelationshipSpec("requires", "REQUIRES", "Occupation", "Skill", (_IMPORTANCE,)),
    RelationshipSpec("has_context", "HAS_CONTEXT", "Occupation", "WorkContext", (_IMPORTANCE,)),
    RelationshipSpec("title_of", "TITLE_OF", "JobTitle", "Occupation"),
    RelationshipSpec("in_family", "IN_FAMILY", "Occupation", "OccupationFamily"),
    RelationshipSpec("moves_to", "MOVES_TO", "Occupation", "Occupation", (Property("rank", "int64", required=True),)),
    RelationshipSpec("skill_in_macro", "PART_OF", "Skill", "Skill"),
    RelationshipSpec("skill_in_category", "PART_OF", "Skill", "SkillCategory"),
    RelationshipSpec("category_in_category", "PART_OF", "SkillCategory", "SkillCategory"),
    RelationshipSpec("occupation_in_domain", "PART_OF", "Occupation", "Domain"),
    RelationshipSpec("domain_in_grand_domain", "PART_OF", "Domain", "GrandDomain"),
    RelationshipSpec("sub_sector_in_sector", "PART_OF", "ActivitySubSector", "ActivitySector"),
    RelationshipSpec("in_sector", "IN_SECTOR", "Occupation", "ActivitySector", (_MAIN,)),
    RelationshipSpec("in_sub_sector", "IN_SECTOR", "Occupation", "ActivitySubSector", (_MAIN,)),
    RelationshipSpec("in_naf_division", "IN_NAF_DIVISION", "Occupation", "NafDivision"),
    RelationshipSpec("has_interest", "HAS_INTEREST", "Occupation", "Interest", (_MAIN,)),
    RelationshipSpec("has_theme", "HAS_THEME", "Occupation", "Theme"),
    RelationshipSpec("occupation_riasec", "HAS_RIASEC", "Occupation", "Riasec", (_PLACE,)),
    RelationshipSpec("skill_riasec", "HAS_RIASEC", "Skill", "Riasec", (_PLACE,)),
    # a held skill and a required one that it answers, at least in part; 1: one skill in two spellings
    RelationshipSpec(
        "similar_to",
        "SIMILAR_TO",
        "Skill",
        "Skill",
        (Property("score", "float64", required=True), Property("model", required=True)),
    ),
)

NODE_BY_LABEL: dict[str, NodeSpec] = {spec.label: spec for spec in NODES}
RELATIONSHIP_BY_TABLE: dict[str, RelationshipSpec] = {spec.table: spec for spec in RELATIONSHIPS}
