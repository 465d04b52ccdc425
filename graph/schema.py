"""Labels, relationship types, keys and properties of the graph: the one place that names them.

``NODES`` and ``RELATIONSHIPS`` describe each table of ``GraphTables`` and, with the same names, what the server holds.
A table's dtype names are pandas'; every column may hold a missing value unless it is ``required``.
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

DType = Literal["string", "boolean", "int64", "Int64", "float64"]
#: what is written in one transaction, in this order: a load of everything at once needs more memory than a server has
Part = Literal["rome", "territory", "market_area", "market_wider"]
PARTS: tuple[Part, ...] = get_args(Part)


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
    part: Part = "rome"

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
    part: Part = "rome"

    @property
    def columns(self) -> tuple[Property, ...]:
        """Both ends first, then the properties."""
        return (Property("start", required=True), Property("end", required=True), *self.properties)


#: ``labelNorm`` is ``graph.labels.fold(label)``: what analysts match on, since ``=~ '(?i)...'`` differs between servers
_NAMED = (Property("label", required=True), Property("labelNorm", required=True))
_MAYBE_NAMED = (Property("label"), Property("labelNorm"))
_TRANSITIONS = (
    Property("transitionEco"),
    Property("transitionDigital", "boolean"),
    Property("transitionDemographic", "boolean"),
)
_CONDITIONS = (Property("regulated", "boolean"), Property("manager", "boolean"))
#: of relationships that no row of the ROME gives: publisher's words for the source, and the year the figure stands for
_SOURCED = (Property("source", required=True), Property("year", "Int64"))
#: 1 to 5; tension 5 is the tightest: hardest to recruit, best for a seeker. Causes: 5 the strongest
_TENSION = (
    *_SOURCED,
    Property("tension", "Int64"),
    Property("hiringIntensity", "Int64"),
    Property("workforceShortage", "Int64"),
    Property("unstableJobs", "Int64"),
    Property("workingConditions", "Int64"),
    Property("geographicMismatch", "Int64"),
    Property("trainingLink", "Int64"),
)
#: offers: open on ``offersDay`` (ISO 8601); registeredOffers, seekers (categories A, B, C): means of the year. A number
#: that is missing is withheld or unknown, never zero
_MARKET = (
    *_TENSION,
    Property("offers", "Int64"),
    Property("offersDay"),
    Property("registeredOffers", "float64"),
    Property("seekers", "float64"),
)
#: euros a month, % of wages in bands of euros a month
_WAGES = (
    *_SOURCED,
    Property("period"),
    Property("medianWage", "float64"),
    Property("wageBelow1250", "float64"),
    Property("wage1250To1500", "float64"),
    Property("wage1500To2000", "float64"),
    Property("wage2000More", "float64"),
    Property("fixedTermShare", "float64"),
)
#: rents in euros a month, per m² and of two rooms (T2) of ``t2Surface`` m²; price in euros per m²
_HOMES = (
    *_SOURCED,
    Property("rentM2", "float64"),
    Property("rentT2", "float64"),
    Property("t2Surface", "float64"),
    Property("priceM2", "float64"),
    Property("sales", "Int64"),
)

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
    NodeSpec("OccupationFamily", "codeRome3", _MAYBE_NAMED),
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
    # communes of today; five that no file names have no label. postcodes: parted by a blank; degrees, WGS 84
    NodeSpec(
        "Commune",
        "codeInsee",
        (*_MAYBE_NAMED, Property("postcodes"), Property("latitude", "float64"), Property("longitude", "float64")),
        part="territory",
    ),
    NodeSpec("EmploymentArea", "code", _NAMED, part="territory"),
    NodeSpec("Departement", "code", _NAMED, part="territory"),
    NodeSpec("Region", "code", _NAMED, part="territory"),
    NodeSpec("Nation", "code", _NAMED, part="territory"),
    # Dares' families (FAP 2009), what most of its figures are published for; no file here gives their labels
    NodeSpec("ProfessionalFamily", "codeFap", (), part="territory"),
    # who publishes rents and prices
    NodeSpec("Source", "code", _NAMED, part="territory"),
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
    RelationshipSpec("commune_in_area", "IN_AREA", "Commune", "EmploymentArea", _SOURCED, "territory"),
    RelationshipSpec("commune_in_departement", "IN_DEPARTEMENT", "Commune", "Departement", _SOURCED, "territory"),
    # the department of most of its communes: 21 areas cross departments, none crosses regions
    RelationshipSpec("area_in_departement", "IN_DEPARTEMENT", "EmploymentArea", "Departement", _SOURCED, "territory"),
    RelationshipSpec("area_in_region", "IN_REGION", "EmploymentArea", "Region", _SOURCED, "territory"),
    RelationshipSpec("departement_in_region", "IN_REGION", "Departement", "Region", _SOURCED, "territory"),
    RelationshipSpec("region_in_nation", "IN_NATION", "Region", "Nation", _SOURCED, "territory"),
    RelationshipSpec(
        "in_professional_family",
        "IN_PROFESSIONAL_FAMILY",
        "OccupationFamily",
        "ProfessionalFamily",
        _SOURCED,
        "territory",
    ),
    RelationshipSpec("commune_rent", "RENT", "Commune", "Source", _HOMES, "territory"),
    RelationshipSpec("departement_rent", "RENT", "Departement", "Source", _HOMES, "territory"),
    RelationshipSpec("wages", "WAGES", "ProfessionalFamily", "Nation", _WAGES, "territory"),
    # what is published for ROME 3 is a family's: never a relationship of an occupation
    RelationshipSpec("market_area", "MARKET", "OccupationFamily", "EmploymentArea", _MARKET, "market_area"),
    RelationshipSpec("market_departement", "MARKET", "OccupationFamily", "Departement", _MARKET, "market_wider"),
    RelationshipSpec("market_region", "MARKET", "OccupationFamily", "Region", _MARKET, "market_wider"),
    RelationshipSpec("market_nation", "MARKET", "OccupationFamily", "Nation", _MARKET, "market_wider"),
    RelationshipSpec("fap_departement", "MARKET", "ProfessionalFamily", "Departement", _TENSION, "market_wider"),
    RelationshipSpec("fap_region", "MARKET", "ProfessionalFamily", "Region", _TENSION, "market_wider"),
    RelationshipSpec("fap_nation", "MARKET", "ProfessionalFamily", "Nation", _TENSION, "market_wider"),
)

NODE_BY_LABEL: dict[str, NodeSpec] = {spec.label: spec for spec in NODES}
RELATIONSHIP_BY_TABLE: dict[str, RelationshipSpec] = {spec.table: spec for spec in RELATIONSHIPS}
