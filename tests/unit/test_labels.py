"""Folding and gendered forms of labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.labels import fold, gendered_forms, without_inclusive
from graph.tables import GraphTables


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Œuvre  d’Été", "oeuvre d'ete"),
        ("ÉLECTRICIEN\u00a0/ Électricienne", "electricien / electricienne"),
        ("Prêt–à—porter", "pret-a-porter"),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("label", "masculine", "feminine"),
    [
        ("Dentellier / Dentellière à la main", "Dentellier à la main", "Dentellière à la main"),
        ("Chef de projet / Cheffe de projet design", "Chef de projet design", "Cheffe de projet design"),
        (
            "Hydraulicien industriel / Hydraulicienne industrielle de maintenance",
            "Hydraulicien industriel de maintenance",
            "Hydraulicienne industrielle de maintenance",
        ),
        ("Artiste Plasticien / Plasticienne", "Artiste Plasticien", "Artiste Plasticienne"),
        (
            "Chef d'équipe dépanneur / Cheffe dépanneuse de chaudières domestiques",
            "Chef d'équipe dépanneur de chaudières domestiques",
            "Cheffe d'équipe dépanneuse de chaudières domestiques",
        ),
        ("Premier valet / Première femme de chambre", "Premier valet de chambre", "Première femme de chambre"),
        ("Homme sage-femme / Sage-femme", "Homme sage-femme", "Sage-femme"),
        ("Sound designer / Designer sonore", "Sound designer / Designer sonore", "Sound designer / Designer sonore"),
        (
            "Contrôleur / Contrôleuse de gestion chargé(e) du budget",
            "Contrôleur de gestion chargé du budget",
            "Contrôleuse de gestion chargée du budget",
        ),
        ("Directeur / Directrice de site(s)", "Directeur de site(s)", "Directrice de site(s)"),
        ("Lapidaire / Diamantaire", "Lapidaire / Diamantaire", "Lapidaire / Diamantaire"),
        ("Accessoiriste", "Accessoiriste", "Accessoiriste"),
    ],
)
def test_gendered_forms(label: str, masculine: str, feminine: str) -> None:
    assert gendered_forms(label) == (masculine, feminine)


@pytest.mark.parametrize(
    ("text", "masculine", "feminine"),
    [
        ("Coiffeur.se", "Coiffeur", "Coiffeuse"),
        ("Coiffeur(euse)", "Coiffeur", "Coiffeuse"),
        ("Équipier·ère Polyvalent·e de Restauration", "Équipier Polyvalent de Restauration", None),
        ("CONSEILLER(E)", "CONSEILLER", "CONSEILLÈRE"),
        ("Aide boulanger(ère)", "Aide boulanger", "Aide boulangère"),
        ("chargé.e.s", "chargés", "chargées"),
        ("infirmiers.ères", "infirmiers", "infirmières"),
        ("directeur/trice", "directeur", "directrice"),
        ("agent administratif(ve)", "agent administratif", "agent administrative"),
        ("Agent de tri (F/H)", "Agent de tri (F/H)", "Agent de tri (F/H)"),
    ],
)
def test_inclusive_endings(text: str, masculine: str, feminine: str | None) -> None:
    assert without_inclusive(text) == masculine
    if feminine is not None:
        assert gendered_forms(text)[1] == feminine


@given(st.text())
def test_a_label_that_names_no_gender_is_whole(text: str) -> None:
    plain = "".join(c for c in text if c not in "(./·•⋅‧")
    assert gendered_forms(plain) == (plain, plain)


@pytest.mark.real_data
def test_every_published_title_keeps_its_tail(real_tables: GraphTables) -> None:
    unsplit = []
    for title in real_tables.nodes["JobTitle"]["label"]:
        masculine, feminine = gendered_forms(title)
        left, separator, right = title.partition(" / ")
        if not separator:
            assert fold(without_inclusive(title)) == fold(masculine)
            continue
        if masculine == title:
            unsplit.append(title)
            continue
        last = fold(right.split()[-1])
        assert "(" in last or (fold(feminine).endswith(last) and len(masculine) >= len(left))
    # those that name two things rather than two genders
    assert len(unsplit) <= 8, unsplit
