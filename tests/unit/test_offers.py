"""Offers read: the oddities of real answers, texts, skills, occupations, and the report of all of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.tables import GraphTables
from ingest.offers import OfferReader, read_records
from ingest.offers_findings import FINDINGS
from ingest.offers_model import LIMITS, Offer, said
from ingest.offers_text import MASK, clean, mend
from ingest.report import report_table
from ingest.territory_files import read_territory
from passerelle.errors import DataFileError
from tests.unit.offers_server import offer
from tests.unit.toy import toy_tables


@pytest.fixture(scope="module")
def tables() -> GraphTables:
    return toy_tables()


@pytest.fixture
def reader(tables: GraphTables) -> OfferReader:
    return OfferReader.of(tables, None)


def one(reader: OfferReader, **fields: Any) -> Offer:
    reading = reader.read([offer(1, **fields)], "essai")
    assert len(reading.offers) == 1, reading.report
    return kept(reading.offers[0])


def kept(read: Offer) -> Offer:
    """The offer as it comes back from where it is kept."""
    back = Offer.model_validate_json(read.model_dump_json(exclude_none=True))
    assert back == read
    return back


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Boulanger &amp patissier", "Boulanger & patissier"),
        ("R&amp;D &eacute;lectronique &#233; &#xe9;", "R&D électronique é é"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("voir https://x.fr/?a=1&copy=2&lt=3", "voir https://x.fr/?a=1&copy=2&lt=3"),
        ("M&M&#39;s & Cie", "M&M's & Cie"),
        ("<p>Vous <b>cousez</b><br/>et brodez.</p><ul><li>un<li>deux</ul>", "Vous cousez et brodez. - un - deux"),
        ("avant<script>alert('1 < 2')</script>après<style>p{}</style>", "avantaprès"),
        ("salaire < 2000 et a<b, 3 > 2", "salaire < 2000 et a<b, 3 > 2"),
        ("texte <!-- caché <b>là</b> --> fin", "texte fin"),
        ("gros \x9cuvre l\x92atelier \x80 10", "gros œuvre l’atelier € 10"),
        ("Ã©lectricitÃ© â€“ l’Å“uvre Ã‰tÃ© Ã\xa0", "électricité – l’œuvre Été à"),
        ("1600 ï¿½ 1800", "1600 \ufffd 1800"),
        ("nul\x00 et\u200b \ud800", "nul et\u200b \ufffd"),
    ],
)
def test_a_text_is_mended_and_decoded_once(raw: str, text: str) -> None:
    assert clean(raw, 200).text == text


@pytest.mark.parametrize("raw", ["Âge, NOËL, île, forêt, Ça, Pâtes, « naïf » : 20 °C", "Œuvre à 5 % — “dit-il”"])
def test_right_french_is_left_as_it_is(raw: str) -> None:
    assert mend(raw) == raw


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        ("écrire à jean.dupont@exemple.fr ou 06 12 34 56 78", f"écrire à {MASK} ou {MASK}"),
        ("tél. +33 6 12 34 56 78, 0612345678, 06.12.34.56.78", f"tél. {MASK}, {MASK}, {MASK}"),
        ("du 01/02/2026 12h au 03/04/2026 10:30", "du 01/02/2026 12h au 03/04/2026 10:30"),
        ("SIRET 01234567800012, 1500 euros", "SIRET 01234567800012, 1500 euros"),
        ("@ 10 euros, l'e-mail n'est pas demandé", "@ 10 euros, l'e-mail n'est pas demandé"),
    ],
)
def test_contacts_in_texts_are_masked_and_nothing_else(raw: str, masked: str) -> None:
    assert clean(raw, 200).text == masked


@given(st.text(max_size=400), st.integers(2, 50))
def test_whatever_is_written_a_clean_text_is_within_its_limit_and_can_be_kept(raw: str, limit: int) -> None:
    found = clean(raw, limit)
    assert len(found.text) <= limit
    assert found.text == " ".join(found.text.split())
    assert found.text.encode().decode() == found.text
    assert not any("\x80" <= sign <= "\x9f" or sign < " " for sign in found.text)


def test_a_long_description_keeps_its_lines_and_says_that_it_is_cut(reader: OfferReader) -> None:
    text = "Vous brodez.\r\n\r\n\r\n- des motifs\n" * 2000
    reading = reader.read([offer(1, description=text)], "essai")
    description = reading.offers[0].description
    assert description is not None
    assert description.startswith("Vous brodez.\n\n- des motifs\nVous")
    assert len(description) <= LIMITS["description"]
    assert description.endswith("…")
    assert number(reading.report, "textsCut") == 1


def number(report: Any, code: str) -> int:
    return next(int(finding.count) for finding in report.findings if finding.code == code)


def test_what_an_offer_does_not_say_stays_missing(reader: OfferReader) -> None:
    reading = reader.read([{"id": "132MDKM"}], "essai")
    bare = reading.offers[0]
    assert bare.model_dump(exclude_none=True, exclude_defaults=True) == {"id": "132MDKM"}
    assert said(bare.employer) == "non précisé"
    assert number(reading.report, "withoutEmployer") == number(reading.report, "withoutWage") == 1
    assert number(reading.report, "withoutRome") == number(reading.report, "withoutPlace") == 1
    assert number(reading.report, "unknownRome") == number(reading.report, "unknownPlace") == 0


def test_skills_by_code_by_label_by_search_and_as_text(tables: GraphTables) -> None:
    asked: list[str] = []

    def find(text: str) -> str | None:
        asked.append(text)
        return {"Broder des perles": "13", "Tableur": "999"}.get(text)

    reader = OfferReader.of(tables, None, find_skill=find)
    skills = [
        {"code": "11", "libelle": "Monter un métier", "exigence": "E"},
        {"code": "555555", "libelle": "reporter un MOTIF", "exigence": "S"},
        {"libelle": "Électricité"},
        {"libelle": "Broder des perles", "exigence": "E"},
        {"libelle": "Tableur", "exigence": "S"},
        {"code": "11", "libelle": "Monter un métier à tisser", "exigence": "S"},
        "illisible",
        {"code": "12"},
    ]
    soft = [{"libelle": "Faire preuve de rigueur", "description": "..."}]
    reading = reader.read(
        [offer(1, competences=skills, qualitesProfessionnelles=soft), offer(2, competences=skills)], ""
    )
    found = [(s.code, s.required, s.how) for s in kept(reading.offers[0]).skills]
    # "reporter un motif" is wished by its label, required by the search that finds the same skill
    assert found == [
        ("11", True, "code"),
        ("13", True, "search"),
        ("22", None, "label"),
        (None, False, "none"),
        ("2", None, "label"),
    ]
    assert asked == ["Broder des perles", "Tableur"], "each text is searched once"
    assert number(reading.report, "skillsUnmatched") == 2
    assert number(reading.report, "unknownSkillCodes") == 2
    assert number(reading.report, "skillsRelabelled") == 2


def test_the_occupation_of_an_offer(tables: GraphTables) -> None:
    reader = OfferReader.of(tables, None, find_occupation=lambda text: "B1803" if text == "Couture" else None)
    cases: list[tuple[dict[str, Any], tuple[str | None, str]]] = [
        ({"romeCode": "B1804"}, ("B1804", "code")),
        ({"romeCode": " b1804 "}, ("B1804", "code")),
        # ROME 3's H2605 is the family of H2605 and H2604: the title says which
        ({"romeCode": "H2605", "appellationlibelle": "Assembleur / Assembleuse"}, ("H2604", "title")),
        # a title of another family does not overrule the code
        ({"romeCode": "B1804", "appellationlibelle": "Assembleur / Assembleuse"}, ("B1804", "code")),
        ({"romeCode": None, "appellationlibelle": "NATUROPATHE"}, ("K1103", "title")),
        ({"romeCode": "Z9999", "intitule": "Couture (H/F)"}, ("B1803", "search")),
        ({"romeCode": "Z9999", "intitule": "Rien"}, (None, "none")),
        ({"romeCode": 12, "intitule": "Couture - F/H."}, ("B1803", "search")),
    ]
    for fields, expected in cases:
        found = one(reader, **fields)
        assert (found.occupation, found.occupation_how) == expected, fields


def test_wages_conditions_and_contacts(reader: OfferReader) -> None:
    found = one(
        reader,
        salaire={"commentaire": "% SMIC", "complement1": "% SMIC"},
        formations=[{"commentaire": "Bac Pro", "niveauLibelle": "Bac ou équivalent", "exigence": "E"}, {}],
        permis=[{"libelle": "B - Véhicule léger", "exigence": "S"}],
        langues=[{"libelle": "Anglais"}],
        contact={"nom": "Mme Dupont", "courriel": "dupont@exemple.fr"},
        entreprise={"nom": "Dentelle SA", "siret": "00000000000007"},
        origineOffre={"urlOrigine": "javascript:alert(1)", "partenaires": [{"nom": "BEETWEEN"}]},
        nombrePostes=0,
        alternance="oui",
        dateActualisation="2026-03-02T10:00:00+02:00",
        dateCreation="hier",
    )
    assert found.wage == "% SMIC"
    assert [(c.kind, c.label, c.required) for c in found.conditions] == [
        ("training", "Bac ou équivalent, Bac Pro", True),
        ("language", "Anglais", None),
        ("licence", "B - Véhicule léger", False),
    ]
    assert "Dupont" not in found.model_dump_json()
    assert (found.employer, found.siret, found.partners) == ("Dentelle SA", "00000000000007", ("BEETWEEN",))
    assert (found.url, found.positions, found.apprenticeship, found.created) == (None, None, None, None)
    assert found.updated is not None
    assert found.updated.isoformat() == "2026-03-02T08:00:00+00:00"


def test_each_record_is_loaded_or_set_aside_once(reader: OfferReader) -> None:
    older, newer = offer(1, intitule="vieille"), offer(1, intitule="neuve", dateActualisation="2026-03-09T00:00:00Z")
    records: list[object] = [
        newer,
        older,
        offer(2),
        {"intitule": "sans id"},
        {"id": "a b"},
        "texte",
        None,
        {"id": 12345},
    ]
    reading = reader.read(records, "essai")
    assert [o.id for o in reading.offers] == ["0000001", "0000002", "12345"]
    assert reading.offers[0].title == "neuve"
    file = reading.report.files[0]
    assert file.read == len(records) == file.loaded + len(file.set_aside)
    assert [(row.line, row.reason) for row in file.set_aside][:2] == [
        (2, "même offre déjà lue"),
        (4, "offre sans identifiant"),
    ]
    assert report_table(reading.report)
    assert {finding.code for finding in reading.report.findings} == set(FINDINGS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *(
        "intitule",
        "description",
        "romeCode",
        "appellationlibelle",
        "lieuTravail",
        "competences",
        "salaire",
        "formations",
    ),
    *(
        "entreprise",
        "origineOffre",
        "dateCreation",
        "dateActualisation",
        "nombrePostes",
        "experienceExige",
        "alternance",
    ),
    "qualitesProfessionnelles",
]
_PARTS = st.fixed_dictionaries(
    {"libelle": st.text(max_size=8)} | {"exigence": st.sampled_from(["E", "S", None])}
) | st.dictionaries(
    st.sampled_from(
        ["libelle", "code", "commune", "codePostal", "latitude", "longitude", "nom", "siret", "urlOrigine"]
    ),
    JSON,
    max_size=5,
)


@given(st.dictionaries(st.sampled_from(FIELDS), JSON | _PARTS | st.lists(_PARTS, max_size=3)))
def test_whatever_a_record_holds_it_is_read_or_set_aside_and_can_be_kept(fields: dict[str, Any]) -> None:
    reading = READER.read([{**fields, "id": "1A"}], "essai")
    file = reading.report.files[0]
    assert file.loaded + len(file.set_aside) == 1
    assert file.loaded == 1 or reading.unreadable == ("1A",)
    for read in reading.offers:
        kept(read)


READER = OfferReader.of(toy_tables(), None)


@dataclass
class Written:
    """A file and the ids that come out of it."""

    name: str
    content: str
    ids: list[str] = field(default_factory=lambda: ["0000001", "0000002"])


@pytest.mark.parametrize(
    "written",
    [
        Written("liste.json", json.dumps([offer(1), offer(2)])),
        Written("réponse.json", "\ufeff" + json.dumps({"resultats": [offer(1), offer(2)], "filtresPossibles": []})),
        Written("lignes.jsonl", f"{json.dumps(offer(1))}\n\n{json.dumps(offer(2))}\n"),
        Written("une.json", json.dumps(offer(1)), ["0000001"]),
    ],
    ids=lambda written: written.name,
)
def test_files_of_several_shapes(tmp_path: Path, reader: OfferReader, written: Written) -> None:
    path = tmp_path / written.name
    path.write_text(written.content, encoding="utf-8")
    assert [o.id for o in reader.read(read_records(path), path.name).offers] == written.ids


@pytest.mark.parametrize("content", ["", "[{", '[{"id": NaN}]', '"texte"', '{"resultats": 3}', "[" * 100_000])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "offres.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataFileError, match=r"offres\.json"):
        read_records(path)


@pytest.mark.real_data
def test_the_oddities_of_real_answers(data_dir: Path, real_tables: GraphTables) -> None:
    samples = [row["offer"] for row in json.loads((data_dir / "offers" / "samples.json").read_text(encoding="utf-8"))]
    reader = OfferReader.of(real_tables, read_territory(data_dir / "territory"))
    reading = reader.read(samples, "samples.json")
    assert (reading.report.files[0].read, reading.report.files[0].loaded) == (13, 10)
    by_id = {found.id: kept(found) for found in reading.offers}
    assert by_id["082SGKK"].place.commune == "57463"
    assert by_id["082SGKK"].wage == "Horaire de 10.03 Euros"
    assert (by_id["FOOBAR"].place.commune, by_id["FOOBAR"].place.department) == ("39478", "39")
    assert (by_id["132LKFB"].place.commune, by_id["132LKFB"].place.how) == ("26058", "label")
    assert (by_id["132LKFB"].occupation, by_id["132LKFB"].wage) == (None, "1500 euros")
    assert (by_id["132MDKM"].employer, by_id["132MDKM"].wage) == (None, None)
    assert by_id["4369834"].wage == "Mensuel de 1600,00 Euros \ufffd 1800,00 Euros"
    assert (by_id["4369834"].occupation, by_id["4369834"].appellation is None) == ("I1401", False)
    # ROME 3's M1810 and N1103 are families: the appellation says which of their occupations is meant
    assert (by_id["167ZKWX"].occupation, by_id["179PPHH"].occupation) == ("M1884", "N1110")
    lyon = by_id["167ZKWX"].place
    assert (lyon.commune, lyon.arrondissement, lyon.area) == ("69123", "69383", "8428")
    assert [s.how for s in by_id["167ZKWX"].skills] == ["code", "code", "label"]
    assert [s.how for s in by_id["082SGKK"].skills] == ["none", "none", "code", "code"]
    assert by_id["088JJPC"].conditions[0].label == "B - Véhicule léger Exigé"
    assert "[redacted]" not in "".join(found.model_dump_json() for found in reading.offers)
    assert {code: number(reading.report, code) for code in ("unknownRome", "withoutRome", "lostLetters")} == {
        "unknownRome": 0,
        "withoutRome": 2,
        "lostLetters": 1,
    }
    assert number(reading.report, "labelOfAnotherDepartment") == 1
    places: list[tuple[dict[str, Any], tuple[str | None, str | None, str]]] = [
        (samples[10]["lieuTravail"], ("75056", "75", "postcode")),
        (samples[11]["lieuTravail"], (None, "2A", "department")),
        (samples[12]["lieuTravail"], (None, None, "none")),
        ({"libelle": "75 - PARIS 13"}, ("75056", "75", "label")),
        ({"commune": "99999", "libelle": "59 - LILLE"}, ("59350", "59", "label")),
        ({"libelle": "99 - BERLIN", "latitude": 0, "longitude": 0}, (None, None, "none")),
        ({"libelle": "Saint-Denis"}, (None, None, "none")),
        ({"codePostal": "20200"}, (None, "2B", "department")),
        ({"commune": "74093"}, ("74010", "74", "code")),
        ({"codePostal": 1500}, (None, "01", "department")),
        ({"libelle": "59 - LYON"}, (None, "59", "department")),
    ]
    for given_place, expected in places:
        place = reader.places.read(given_place).place
        assert (place.commune, place.department, place.how) == expected, given_place
    assert reader.places.read({"libelle": "99 - BERLIN", "latitude": 0, "longitude": 0}).place.latitude is None
