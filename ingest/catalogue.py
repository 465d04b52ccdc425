"""Where every published file comes from, and where it lies on this machine.

``CATALOGUE`` names each source with its page, files, licence and vintage. Extracts whose publication and licence are
not established (tension by ROME 3 and area 2021, offers of 21 December 2021, lexicon of areas 2019, sectors by area,
rents of 50 towns and of the departments) are test data: they are no entry here, and nothing offers them for download.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingest.sample import sample_directory
from passerelle.errors import DataFileError, DataNotFoundError, PasserelleError
from passerelle.settings import Settings

LICENCE_OUVERTE = "Licence Ouverte 2.0 (Etalab)"

Origin = Literal["PASSERELLE_DATA", "./data", "../shared/data", "cache", "sample"]
Kind = Literal["rome", "zip", "csv", "csv.gz", "xlsx", "geojson"]


@dataclass(frozen=True)
class CatalogueEntry:
    """One published source: who publishes it, under which licence, and what it becomes in the data directory."""

    #: what it is called on the command line ("rome4", "territory/cog_2024")
    name: str
    #: what a person reads, in French
    title: str
    publisher: str
    page: str
    #: the address, then its mirrors; none where the file is taken by hand
    urls: tuple[str, ...]
    licence: str
    vintage: str
    kind: Kind
    #: paths in the data directory; the ROME becomes ``rome4-<version>``, and the version is known once it is unpacked
    targets: tuple[str, ...]
    required: bool = False
    #: for an archive of kind "zip": the member that becomes each target
    members: tuple[str, ...] = ()
    #: what a person should know before using it, in French
    note: str = ""

    @property
    def by_hand(self) -> bool:
        """True where no address is known: the file is taken from the page and placed by the user."""
        return not self.urls


@dataclass(frozen=True)
class DataLocation:
    """The directory of published files in use, and why this one."""

    path: Path
    origin: Origin
    sample: bool


def find_data(settings: Settings, cwd: Path) -> DataLocation:
    """The data directory: ``PASSERELLE_DATA``, else ./data, ../shared/data, the cache of fetch, else the sample.

    A directory counts when a ROME lies in it (``rome4`` or ``rome4-<version>``).

    raises: DataNotFoundError or DataFileError when PASSERELLE_DATA is set and cannot be used: a directory that somebody
        named is never silently replaced by another.
    """
    if settings.data is not None:
        named = cwd / settings.data.expanduser()
        if not named.exists():
            raise DataNotFoundError([named])
        if not named.is_dir():
            raise DataFileError(named, "n'est pas un dossier", "Donnez par PASSERELLE_DATA un dossier de données.")
        if not _rome_directories(named):
            raise DataFileError(
                named, "ne contient pas de ROME (dossier rome4 ou rome4-<version>)", "Corrigez PASSERELLE_DATA."
            )
        return DataLocation(named, "PASSERELLE_DATA", sample=False)
    places: tuple[tuple[Origin, Path], ...] = (
        ("./data", cwd / "data"),
        ("../shared/data", cwd.parent / "shared" / "data"),
        ("cache", settings.cache / "data"),
    )
    for origin, path in places:
        if _rome_directories(path):
            return DataLocation(path, origin, sample=False)
    return DataLocation(sample_directory(), "sample", sample=True)


def find_rome(data: Path, version: str | None = None) -> Path:
    """The directory of ROME files in ``data``, which may hold several versions side by side, or be one itself.

    version: "460" as the file names give it; None takes the newest, compared as numbers (1000 after 461)

    raises: DataFileError when no ROME is there, when the version is not, or when a directory mixes versions.
    """
    found: dict[str, Path] = {}
    directories = _rome_directories(data)
    for directory in directories:
        versions = rome_versions(path.name for path in directory.iterdir())
        if len(versions) > 1:
            raise DataFileError(
                directory,
                f"mêle plusieurs versions du ROME ({', '.join(sorted(versions))})",
                "Gardez une version par dossier (rome4-460, rome4-461...).",
            )
        for name in versions:
            # where rome4 and rome4-460 hold the same version, the one that says so
            if name not in found or directory.name == f"rome4-{name}":
                found[name] = directory
    if not found:
        places = ", ".join(directory.name for directory in directories) or "rome4"
        raise DataFileError(
            data,
            f"aucun fichier unix_*_v<version>_utf8.csv du ROME 4.0 dans {places}",
            "Lancez « passerelle fetch », ou déposez-y les fichiers du ROME 4.0.",
        )
    if version is None:
        return found[max(found, key=_version_order)]
    if version not in found:
        present = ", ".join(sorted(found, key=_version_order))
        raise DataFileError(
            data,
            f"version {version} du ROME absente ; présentes : {present}",
            "Corrigez PASSERELLE_ROME_VERSION, ou lancez « passerelle fetch ».",
        )
    return found[version]


def rome_versions(file_names: Iterable[str]) -> set[str]:
    """The versions that names of ROME files carry: ``unix_item_v460_utf8.csv`` -> {"460"}."""
    return {match[1] for match in map(_ROME_FILE.fullmatch, file_names) if match}


def find_entries(names: Iterable[str] = ()) -> tuple[CatalogueEntry, ...]:
    """The entries of these names, in their order; all of them without names.

    ``housing/dvf_<year>_<department>`` names the property sales of any department ("housing/dvf_2024_75").

    raises: PasserelleError naming what the catalogue does not know, and what it does.
    """
    known = {entry.name: entry for entry in CATALOGUE}
    chosen = []
    for name in names:
        sales = _SALES.fullmatch(name)
        if name not in known and not sales:
            raise PasserelleError(f"« {name} » n'est pas au catalogue. Sources connues : {', '.join(known)}.")
        chosen.append(known[name] if name in known or not sales else property_sales(sales[1], sales[2]))
    return tuple(chosen) or CATALOGUE


def property_sales(year: str, department: str) -> CatalogueEntry:
    """The property sales (DVF) of one department ("59", "2A") and year: one file each."""
    return CatalogueEntry(
        name=f"housing/dvf_{year}_{department}",
        title=f"Ventes immobilières (DVF) {year}, département {department}",
        publisher="DGFiP, Etalab",
        page="https://www.data.gouv.fr/fr/datasets/demandes-de-valeurs-foncieres-geolocalisees/",
        urls=(f"https://files.data.gouv.fr/geo-dvf/latest/csv/{year}/departements/{department}.csv.gz",),
        licence=f"{LICENCE_OUVERTE} ; réidentification interdite (conditions DVF)",
        vintage=year,
        kind="csv.gz",
        targets=(f"housing/dvf_{year}_{department}.csv.gz",),
        note="Plusieurs lignes par vente ; seuls des agrégats sont montrés.",
    )


_ROME_FILE = re.compile(r"unix_\w+?_v([0-9A-Za-z]+)_utf8\.csv")
_ROME_DIRECTORY = re.compile(r"rome4(-[0-9A-Za-z]+)?")
_SALES = re.compile(r"housing/dvf_(20\d\d)_((?!20)\d\d|2A|2B|97\d)")


def _rome_directories(data: Path) -> list[Path]:
    if not data.is_dir():
        return []
    inside = sorted(path for path in data.iterdir() if path.is_dir())
    if rome_versions(path.name for path in data.iterdir()):
        return [data]
    return [path for path in inside if _ROME_DIRECTORY.fullmatch(path.name)]


def _version_order(version: str) -> tuple[int, str]:
    return (int(version) if version.isdecimal() else -1, version)


def _dares(name: str, title: str, vintage: str, note: str) -> CatalogueEntry:
    return CatalogueEntry(
        name=f"dares/{name}",
        title=title,
        publisher="Dares",
        page="https://dares.travail-emploi.gouv.fr/donnees",
        urls=(),
        licence=LICENCE_OUVERTE,
        vintage=vintage,
        kind="csv",
        targets=(f"dares/{name}.csv",),
        note=f"À prendre à la main sur la page. {note}",
    )


def _outlines(name: str, title: str) -> CatalogueEntry:
    return CatalogueEntry(
        name=f"territory/{name}",
        title=title,
        publisher="IGN (Admin Express), simplifié par G. David",
        page="https://github.com/gregoiredavid/france-geojson",
        # at one commit, so that the outlines stay those of 2018
        urls=(
            "https://raw.githubusercontent.com/gregoiredavid/france-geojson/"
            f"5e94d651ce23f46e3d7986988bbf02260bc6a5fe/{name}-version-simplifiee.geojson",
        ),
        licence=LICENCE_OUVERTE,
        vintage="2018",
        kind="geojson",
        targets=(f"territory/{name}-version-simplifiee.geojson",),
        note="France métropolitaine seulement.",
    )


def _rents(name: str, title: str, path: str) -> CatalogueEntry:
    slug = "carte-des-loyers-indicateurs-de-loyers-dannonce-par-commune-en-2025"
    return CatalogueEntry(
        name=f"housing/{name}",
        title=title,
        publisher="Ministère chargé du Logement",
        page=f"https://www.data.gouv.fr/fr/datasets/{slug}/",
        urls=(f"https://static.data.gouv.fr/resources/{slug}/{path}",),
        licence=LICENCE_OUVERTE,
        vintage="2025",
        kind="csv",
        targets=(f"housing/{path.rsplit('/', 1)[-1]}",),
        note="Loyers d'annonce prédits, charges comprises, en €/m² ; « ; » et virgule décimale.",
    )


CATALOGUE: tuple[CatalogueEntry, ...] = (
    CatalogueEntry(
        name="rome4",
        title="Répertoire opérationnel des métiers et des emplois (ROME 4.0)",
        publisher="France Travail",
        page="https://www.data.gouv.fr/fr/datasets/repertoire-operationnel-des-metiers-et-des-emplois-rome/",
        urls=(
            "https://api.francetravail.fr/api-nomenclatureemploi/v1/open-data/csv",
            "https://www.data.gouv.fr/api/1/datasets/r/8cf674b6-ef21-446a-8190-178e2defd6fc",
        ),
        licence=LICENCE_OUVERTE,
        vintage="dernière version publiée",
        kind="rome",
        targets=("rome4-{version}",),
        required=True,
        note="Chaque version garde son dossier ; le numéro est lu dans l'archive (version.txt, noms des fichiers).",
    ),
    CatalogueEntry(
        name="territory/cog_2024",
        title="Code officiel géographique : communes, départements, régions",
        publisher="INSEE",
        page="https://www.insee.fr/fr/information/7766585",
        urls=("https://www.insee.fr/fr/statistiques/fichier/7766585/cog_ensemble_2024_csv.zip",),
        licence=LICENCE_OUVERTE,
        vintage="2024",
        kind="zip",
        targets=(
            "territory/cog_v_commune_2024.csv",
            "territory/cog_v_departement_2024.csv",
            "territory/cog_v_region_2024.csv",
        ),
        members=("v_commune_2024.csv", "v_departement_2024.csv", "v_region_2024.csv"),
        note="Communes déléguées et associées comprises (TYPECOM COMD, COMA).",
    ),
    CatalogueEntry(
        name="territory/geocodes_passage_annuel_2025",
        title="Passage des anciens codes de commune à ceux de 2025",
        publisher="INSEE",
        page="https://www.insee.fr/fr/information/7766585",
        urls=(),
        licence=LICENCE_OUVERTE,
        vintage="2025",
        kind="csv",
        targets=("territory/geocodes_passage_annuel_2025.csv",),
        note="À prendre à la main sur le site de l'INSEE. Séparateur « ; », marque d'ordre des octets en tête.",
    ),
    CatalogueEntry(
        name="territory/laposte_hexasmal",
        title="Base officielle des codes postaux",
        publisher="La Poste",
        page="https://www.data.gouv.fr/fr/datasets/base-officielle-des-codes-postaux/",
        urls=("https://www.data.gouv.fr/fr/datasets/r/554590ab-ae62-40ac-8353-ee75162c05ee",),
        licence=LICENCE_OUVERTE,
        vintage="dernière version publiée",
        kind="csv",
        targets=("territory/laposte_hexasmal.csv",),
        note="Plusieurs codes postaux par commune ; Paris, Lyon et Marseille par arrondissement.",
    ),
    CatalogueEntry(
        name="territory/bassin_emploi_commune_BMO",
        title="Communes et bassins d'emploi (BMO)",
        publisher="France Travail",
        page="https://www.francetravail.org/opendata",
        urls=(),
        licence=LICENCE_OUVERTE,
        vintage="non précisé",
        kind="csv",
        targets=("territory/bassin_emploi_commune_BMO.csv",),
        note="À prendre à la main sur la page. Zéros de tête perdus outre-mer (102 pour 0102).",
    ),
    CatalogueEntry(
        name="territory/bmo_2025",
        title="Besoins en main-d'œuvre (BMO) par bassin et famille professionnelle 2021",
        publisher="France Travail",
        page="https://www.francetravail.org/opendata",
        urls=(
            "https://www.francetravail.org/files/live/sites/peorg/files/documents/Statistiques-et-analyses/"
            "Open-data/BMO/Base_open_data_BMO_2025.xlsx",
        ),
        licence=LICENCE_OUVERTE,
        vintage="2025",
        kind="xlsx",
        targets=("territory/Base_open_data_BMO_2025.xlsx",),
        note="Feuille BMO_2025_open_data ; « * » est un nombre tenu secret, jamais zéro.",
    ),
    CatalogueEntry(
        name="dares/fap2021_rome",
        title="Passage des familles professionnelles 2021 au ROME",
        publisher="Dares",
        page="https://dares.travail-emploi.gouv.fr/donnees/la-nomenclature-des-familles-professionnelles-2021",
        urls=(
            "https://dares.travail-emploi.gouv.fr/sites/default/files/f83237de4f41868cb73b0e1aafe4800c/"
            "Dares_FAP2021_Table_passage_ROME.xlsx",
        ),
        licence=LICENCE_OUVERTE,
        vintage="2021",
        kind="xlsx",
        targets=("dares/Dares_FAP2021_Table_passage_ROME.xlsx",),
    ),
    _dares(
        "tensions", "Tensions par famille professionnelle (FAP 2009)", "jusqu'à 2019", "Nation, région, département."
    ),
    _dares("fap225_rome", "Passage des familles professionnelles 2009 au ROME 3", "2009", "Encodage cp1252."),
    _dares("salaire_median_3niv", "Salaire médian par famille professionnelle", "2017-2019", "Et 2003-2005."),
    _dares("salaires_3niv", "Tranches de salaire par famille professionnelle", "2017-2019", "Et 2003-2005."),
    _dares("part_CDD_entrees", "Part des CDD dans les embauches", "jusqu'à 2014", "Série arrêtée en 2014."),
    _dares("part_femmes_3niv", "Part des femmes par famille professionnelle", "2017-2019", "Encodage cp1252."),
    _outlines("departements", "Contours des départements"),
    _outlines("regions", "Contours des régions"),
    _rents("loyers_2025", "Carte des loyers : appartements (52 m²)", "20251211-145010/pred-app-mef-dhup.csv"),
    _rents("loyers_2025_t1_t2", "Carte des loyers : 1-2 pièces (37 m²)", "20251211-144934/pred-app12-mef-dhup.csv"),
    property_sales("2024", "59"),
)
