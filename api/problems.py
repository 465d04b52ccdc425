"""Problems: every error as ``application/problem+json`` (RFC 9457), in one shape, with what to do.

What was typed is never repeated: it may be personal. Only what looks like the name of a field is said again.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.responses import JSONResponse

from passerelle import errors

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, its French title, and the seconds to wait before asking again."""

    status: int
    title: str
    retry_after: int | None = None


KINDS: dict[str, Kind] = {
    "malformed-json": Kind(400, "Le corps de la requête n'est pas du JSON"),
    "key-missing": Kind(401, "Une clé est nécessaire"),
    "key-refused": Kind(401, "Cette clé est inconnue ou révoquée"),
    "scope-missing": Kind(403, "Cette clé n'a pas la portée nécessaire"),
    "matching-off": Kind(403, "Le rapprochement avec des offres est éteint"),
    "not-found": Kind(404, "Rien ne se trouve à cette adresse"),
    "unknown-occupation": Kind(404, "Ce métier n'existe pas"),
    "unknown-skill": Kind(404, "Cette compétence n'existe pas"),
    "unknown-offer": Kind(404, "Cette offre n'est pas parmi celles qui peuvent être montrées"),
    "unknown-place": Kind(404, "Ce lieu n'existe pas"),
    "unknown-record": Kind(404, "Cette fiche, cette recommandation ou cette clé n'existe pas, ou plus"),
    "method-not-allowed": Kind(405, "Cette méthode ne va pas avec cette adresse"),
    "slow-body": Kind(408, "Le corps de la requête n'est pas arrivé à temps"),
    "record-conflict": Kind(409, "La fiche a changé entre-temps"),
    "no-territory": Kind(409, "Les territoires ne sont pas parmi les données en place"),
    "graph-conflict": Kind(409, "Le graphe ne tient pas ce qui est demandé"),
    "body-too-large": Kind(413, "Le corps de la requête est trop grand"),
    "unsupported-media-type": Kind(415, "Le corps doit être en application/json"),
    "foreign-host": Kind(421, "Ce nom d'hôte n'est pas celui de ce serveur"),
    "invalid-request": Kind(422, "La requête ne convient pas"),
    "invalid-record": Kind(422, "La fiche ne peut pas être enregistrée ainsi"),
    "personal-text": Kind(422, "Ce texte n'est ni cherché ni conservé"),
    "refused-query": Kind(422, "La requête Cypher est refusée"),
    "impossible": Kind(422, "Ce qui est demandé ne se peut pas"),
    "too-many-requests": Kind(429, "Trop de requêtes"),
    "internal": Kind(500, "Une erreur s'est produite"),
    "loading": Kind(503, "Les données se chargent", 1),
    "overloaded": Kind(503, "Trop de requêtes à la fois", 1),
    "not-built": Kind(503, "Rien n'est encore construit", 60),
    "data-unavailable": Kind(503, "Les données ne peuvent pas être lues", 60),
    "graph-unavailable": Kind(503, "Le serveur de graphe ne répond pas", 5),
    "records-busy": Kind(503, "Les enregistrements sont occupés", 2),
    "records-unavailable": Kind(503, "Les enregistrements ne sont pas accessibles", 30),
    "records-full": Kind(507, "Le disque des enregistrements est plein", 60),
}
#: errors of the house -> kind; a class that is not here has that of the nearest class above it
_OF_ERROR: dict[type[errors.PasserelleError], str] = {
    errors.PasserelleError: "internal",
    errors.UnknownOccupationError: "unknown-occupation",
    errors.UnknownSkillError: "unknown-skill",
    errors.UnknownPlaceError: "unknown-place",
    errors.UnknownOfferError: "unknown-offer",
    errors.MatchingOffError: "matching-off",
    errors.NoTerritoryError: "no-territory",
    errors.UnknownRecordError: "unknown-record",
    errors.InvalidRecordError: "invalid-record",
    errors.RecordConflictError: "record-conflict",
    errors.RefusedQueryError: "refused-query",
    errors.NotBuiltError: "not-built",
    errors.DataFileError: "data-unavailable",
    errors.OffersError: "data-unavailable",
    errors.GraphUnavailableError: "graph-unavailable",
    errors.GraphConflictError: "graph-conflict",
    errors.RecordsError: "records-unavailable",
    errors.RecordsBusyError: "records-busy",
    errors.RecordsFullError: "records-full",
}
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a request.

    pointer: JSON pointer (RFC 6901) into the body, "" for the whole; None for a parameter
    parameter: name of the parameter of the address; None for the body
    """

    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def document(self) -> dict[str, str]:
        """Without what is not there."""
        return {name: value for name, value in vars(self).items() if value is not None}


class ProblemError(Exception):
    """Raised by a route or a check: becomes the answer.

    detail: French, what is so and what to do; faults: what is wrong where; suggestions: (code, label) to try instead
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        suggestions: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.faults = tuple(faults)
        self.suggestions = tuple(suggestions)
        self.headers = dict(headers or {})

    def document(self, request_id: str) -> dict[str, Any]:
        """What the answer holds."""
        kind = KINDS[self.kind]
        document: dict[str, Any] = {
            "type": f"/v1/problems/{self.kind}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "requestId": request_id,
        }
        if self.faults:
            document["errors"] = [fault.document() for fault in self.faults]
        if self.suggestions:
            document["suggestions"] = [{"code": code, "label": label} for code, label in self.suggestions]
        return document

    def response(self, request_id: str) -> JSONResponse:
        """The answer, with Retry-After where one may ask again."""
        kind = KINDS[self.kind]
        headers = {"Cache-Control": "no-store", **self.headers}
        if kind.retry_after is not None:
            headers.setdefault("Retry-After", str(kind.retry_after))
        return JSONResponse(self.document(request_id), kind.status, headers, MEDIA_TYPE)


def invalid(*faults: Fault, suggestions: Sequence[tuple[str, str]] = ()) -> ProblemError:
    """A request of which this is wrong."""
    where = ", ".join(fault.parameter or fault.pointer or "le corps" for fault in faults)
    return ProblemError("invalid-request", f"À corriger : {where}.", faults=faults, suggestions=suggestions)


def too_many(seconds: float, detail: str) -> ProblemError:
    """Somebody who must wait so many seconds."""
    wait = max(1, math.ceil(seconds))
    return ProblemError("too-many-requests", f"{detail} Attendez {wait} s.", headers={"Retry-After": str(wait)})


def problem_of(error: errors.PasserelleError, pointer: str | None = None, parameter: str | None = None) -> ProblemError:
    """An error of the house as a problem.

    pointer, parameter: where in the body or the address the code or text stood that leads nowhere: then it is the
        request that is wrong
    """
    kind = next(_OF_ERROR[above] for above in type(error).__mro__ if above in _OF_ERROR)
    suggestions = list(getattr(error, "suggestions", ()))
    if isinstance(error, errors.InvalidRecordError):
        return ProblemError(kind, error.problem + ".", faults=[Fault(error.problem, error.pointer)])
    detail = _leads_nowhere(error)
    if detail is not None:
        if pointer is None and parameter is None:
            return ProblemError(kind, detail, suggestions=suggestions)
        return invalid(Fault(detail, pointer, parameter), suggestions=suggestions)
    status = KINDS[kind].status
    # what a server's own fault says names its files: it is for the log
    return ProblemError(kind, f"{KINDS[kind].title}." if status >= 500 else str(error))


def _leads_nowhere(error: errors.PasserelleError) -> str | None:
    """What is said of a code or a text that leads nowhere, without it; None for another error."""
    match error:
        case errors.UnknownOccupationError():
            return "Aucun métier n'a ce code."
        case errors.UnknownSkillError():
            return "Aucune compétence n'a ce code."
        case errors.UnknownPlaceError():
            return f"{error.problem[:1].upper()}{error.problem[1:]}."
        case _:
            return None


def faults_of(found: Sequence[Any]) -> list[Fault]:
    """What pydantic found wrong, in French, without what was given."""
    return [_fault(one["loc"], _said(one["type"], one.get("ctx", {}))) for one in found]


def _fault(location: Sequence[int | str], detail: str) -> Fault:
    where, *rest = location
    if where == "body":
        return Fault(detail, "".join(f"/{_name(part)}" for part in rest))
    return Fault(detail, parameter=_name(rest[0]) if rest else str(where))


def _name(part: int | str) -> str:
    return str(part) if isinstance(part, int) else field_name(part)


def field_name(text: str) -> str:
    """The text where it looks like the name of a field; anything else may be a person's."""
    return text if _FIELD_NAME.fullmatch(text) else "…"


def _said(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "value_error":
        return str(context.get("error"))
    known = {
        "extra_forbidden": "ce champ n'existe pas",
        "missing": "obligatoire",
        "literal_error": f"valeur hors de la liste : {context.get('expected')}",
        "string_pattern_mismatch": "ce n'est pas un code de la forme attendue",
        "string_too_long": f"trop long : {context.get('max_length')} caractères au plus",
        "string_too_short": f"trop court : {context.get('min_length')} caractère au moins",
        "too_long": f"trop d'éléments : {context.get('max_length')} au plus",
        "too_short": f"pas assez d'éléments : {context.get('min_length')} au moins",
        "greater_than_equal": f"trop petit : {context.get('ge')} au moins",
        "less_than_equal": f"trop grand : {context.get('le')} au plus",
        "model_attributes_type": "un objet est attendu",
    }
    expected = "valeur refusée : un code, un nombre dans ses bornes ou une valeur de la liste est attendu"
    return known.get(kind, expected)
