"""Errors of a question that leads nowhere."""

from passerelle.errors.base import PasserelleError


class UnknownOccupationError(PasserelleError):
    """A text or a code leads to no occupation, or to several equally good ones.

    A text that the search refused (a telephone or social security number) is given blank: it is never repeated.
    """

    exit_code = 2
    code = "unknown-occupation"

    def __init__(self, query: str, problem: str, suggestions: list[tuple[str, str]]) -> None:
        self.query = query
        self.problem = problem
        #: (codeRome, label), best first
        self.suggestions = suggestions
        text = f"« {query[:80]} » : {problem}." if query else f"{problem}."
        if suggestions:
            text += " Essayez : " + ", ".join(f"{label} ({code})" for code, label in suggestions) + "."
        super().__init__(text)


class UnknownSkillError(PasserelleError):
    """A code is no skill's."""

    exit_code = 2
    code = "unknown-skill"

    def __init__(self, skill: str, data_version: str, suggestions: list[tuple[str, str]] | None = None) -> None:
        self.skill, self.suggestions = skill, suggestions or []
        hint = " Proches : " + " ; ".join(f"{code} {label}" for code, label in self.suggestions) if suggestions else ""
        super().__init__(f"« {skill[:80]} » : cette compétence n'existe pas dans {data_version}.{hint}")


class UnknownPlaceError(PasserelleError):
    """A text leads to no commune, or to several."""

    exit_code = 2
    code = "unknown-place"

    def __init__(self, query: str, problem: str, suggestions: list[tuple[str, str]]) -> None:
        self.query, self.problem = query, problem
        #: (codeInsee, label with its department), best first
        self.suggestions = suggestions
        text = f"« {query[:80]} » : {problem}."
        if suggestions:
            text += " Essayez : " + ", ".join(f"{label} ({code})" for code, label in suggestions) + "."
        super().__init__(text)


class NoTerritoryError(PasserelleError):
    """Nothing is known of territories: their files are not among the published files in use."""

    exit_code = 3
    code = "no-territory"

    def __init__(self) -> None:
        super().__init__(
            "Les territoires ne sont pas parmi les données en place. Lancez « passerelle fetch », puis "
            "« passerelle build » (docs/data.md dit lesquelles se prennent à la main)."
        )


class UnknownRecordError(PasserelleError):
    """An id leads to nothing: never given, erased, or past its retention. The id itself is never repeated."""

    exit_code = 2
    code = "unknown-record"

    def __init__(self, kind: str) -> None:
        #: "seeker", "recommendation" or "key"
        self.kind = kind
        what = {"seeker": "Cette fiche", "recommendation": "Cette recommandation", "key": "Cette clé"}[kind]
        super().__init__(f"{what} n'existe pas, ou plus : vérifiez l'identifiant.")


class MatchingOffError(PasserelleError):
    """People are not matched with offers here: nobody who answers for it has turned that on."""

    code = "matching-off"

    def __init__(self) -> None:
        super().__init__(
            "Le rapprochement avec des offres est éteint. Qui en répond l'allume par PASSERELLE_MATCHING=true "
            "(docs/matching.md)."
        )


class UnknownOfferError(PasserelleError):
    """No offer that may be shown has this id. The id itself is never repeated."""

    exit_code = 2
    code = "unknown-offer"

    def __init__(self) -> None:
        super().__init__(
            "Aucune offre qui puisse être montrée n'a cet identifiant : elle est close, elle n'a pas été vérifiée "
            "depuis 24 h, ou elle n'a jamais été prise (« passerelle offers status »)."
        )


class RefusedQueryError(PasserelleError):
    """A Cypher text was refused before it ran, or stopped while it ran."""

    exit_code = 9
    code = "refused-query"
