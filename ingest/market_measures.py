"""The words of the market: what is measured, from whom, and the levels of territories it is measured at."""

#: from the smallest territory to the largest
LEVELS = ("area", "department", "region", "nation")
NATION = "FR"
SOURCES = {
    "offers": "offres ouvertes (Pôle emploi)",
    "tension_area": "tensions par bassin d'emploi (Dares et Pôle emploi)",
    "tension_family": "tensions par famille professionnelle (Dares)",
    "wages": "salaires médians (Dares)",
    "wage_bands": "tranches de salaire (Dares)",
    "fixed_term": "part des CDD dans les embauches (Dares)",
}
BANDS = ("wage_below_1250", "wage_1250_1500", "wage_1500_2000", "wage_2000_more")
#: the six causes of tension, in the columns of the tables; each from 1 (weak) to 5 (strong)
CAUSES = (
    "hiring_intensity",
    "workforce_shortage",
    "unstable_jobs",
    "working_conditions",
    "geographic_mismatch",
    "training_link",
)
#: what is measured, in the order of the table's columns
MEASURES = (
    *("offers", "registered_offers", "seekers", "tension", "tension_score"),
    *CAUSES,
    "median_wage",
    *BANDS,
    "fixed_term_share",
)
