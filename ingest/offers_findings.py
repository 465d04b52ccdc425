"""What was odd in the offers read, counted, and the report of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.offers_place import PlaceFound
from ingest.offers_text import CleanText
from ingest.report import EXAMPLES, FileReport, Finding, IngestReport, Rejection

#: code -> what is counted, in French, as the report says it
FINDINGS = {
    "withoutRome": "offres sans code ROME",
    "unknownRome": "codes ROME inconnus du ROME en service",
    "romeOfFamily": "codes ROME 3 : l'appellation dit le métier de la famille",
    "unknownAppellation": "appellations absentes du ROME",
    "withoutOccupation": "offres qu'aucun métier ne recouvre",
    "skillsWithoutCode": "compétences sans code",
    "unknownSkillCodes": "codes de compétence inconnus du ROME en service",
    "skillsRelabelled": "compétences dont le libellé a changé depuis",
    "skillsFoundBySearch": "compétences trouvées par la recherche",
    "skillsUnmatched": "compétences sans correspondance, gardées en texte",
    "withoutPlace": "offres sans lieu",
    "unknownPlace": "lieux que rien ne permet de situer",
    "unknownCommune": "codes de commune inconnus",
    "departmentOnly": "lieux connus par leur seul département",
    "labelOfAnotherDepartment": "libellés d'un autre département que le code",
    "withoutEmployer": "offres sans employeur",
    "withoutWage": "offres sans salaire",
    "unreadableDates": "dates illisibles",
    "textsCut": "textes plus longs que la limite, coupés",
    "lostLetters": "textes où des lettres sont perdues",
    "maskedContacts": "adresses et téléphones masqués dans les textes",
}


@dataclass
class Counts:
    """How often each of ``FINDINGS`` was met, and the first examples."""

    number: dict[str, int] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, code: str, offer: str, there: bool = True, example: str | None = None) -> None:
        """One more of ``code``, if it is ``there``; the example is the offer's id and what it says."""
        if not there:
            return
        self.number[code] = self.number.get(code, 0) + 1
        shown = self.examples.setdefault(code, [])
        if len(shown) < EXAMPLES:
            shown.append(f"{offer} : {example[:80]}" if example else offer)

    def place(self, offer: str, found: PlaceFound) -> None:
        """What a place lacks."""
        place = found.place
        self.note("withoutPlace", offer, place.label is None and place.how == "none")
        self.note("unknownPlace", offer, place.label is not None and place.how == "none", place.label)
        self.note("unknownCommune", offer, found.unknown is not None, found.unknown)
        self.note("departmentOnly", offer, place.how == "department", place.label)
        self.note("labelOfAnotherDepartment", offer, found.contradicts, place.label)

    def text(self, offer: str, key: str, found: CleanText) -> None:
        """What was done to a text."""
        self.note("textsCut", offer, found.cut, key)
        self.note("lostLetters", offer, found.lost > 0, key)
        self.note("maskedContacts", offer, found.masked > 0, key)

    def add(self, other: "Counts") -> None:
        """The counts of one offer, once it is kept."""
        for code, number in other.number.items():
            self.number[code] = self.number.get(code, 0) + number
            shown = self.examples.setdefault(code, [])
            shown.extend(other.examples[code][: EXAMPLES - len(shown)])


def offers_report(source: str, read: int, loaded: int, refused: Iterable[Rejection], counts: Counts) -> IngestReport:
    """The report; a rejection's line is the place of the record, from 1."""
    file = FileReport(
        source, "source", present=True, encoding="json", read=read, loaded=loaded, set_aside=tuple(refused)
    )
    return IngestReport(
        source="Offres d'emploi",
        version="v2",
        published_on=None,
        directory="",
        files=(file,),
        findings=tuple(
            Finding(code, text, counts.number.get(code, 0), tuple(counts.examples.get(code, ())))
            for code, text in FINDINGS.items()
        ),
        counts={"Offer": loaded},
    )
