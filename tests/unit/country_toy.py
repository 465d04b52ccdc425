"""A directory of published files as small as can be: the sample of the ROME, four places and their market."""

import bz2
import json
import shutil
from pathlib import Path

from ingest.sample import sample_directory
from tests.unit.test_market import CONTENT, OFFERS
from tests.unit.test_territory import FILES as TERRITORY

#: families of the market's toy -> families of the sample
_FAMILIES = {"A1101": "H2605", "H2913": "B1804"}
RENTS = """\
id_zone;INSEE_C;LIBGEO;EPCI;DEP;REG;loypredm2;lwr.IPm2;upr.IPm2;TYPPRED;nbobs_com;nbobs_mail;R2_adj
1;01001;Le Bourg;1;01;84;10,5;8,25;13,5;commune;120;300;0,8
"""
#: a square around the place of Ain; Paris and Corsica have no outline
OUTLINE = {"type": "Polygon", "coordinates": [[[4.9, 45.9], [5.1, 45.9], [5.1, 46.1], [4.9, 45.9]]]}


def write_country(data: Path) -> None:
    """Writes the files into a directory that is not there yet."""
    shutil.copytree(sample_directory(), data / "rome4", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    for folder in ("territory", "dares", "housing"):
        (data / folder).mkdir()
    for name, content in TERRITORY.items():
        (data / "territory" / name).write_text(content, encoding="utf-8")
    for name, content in CONTENT.items():
        encoding = "cp1252" if name.startswith("dares/sal") else "utf-8"
        (data / name).write_text(_of_sample(content), encoding=encoding)
    offers = data / "territory/offres_commune_rome_2021-12-21.csv.bz2"
    offers.write_bytes(bz2.compress(_of_sample(OFFERS).encode()))
    (data / "housing/pred-app-mef-dhup.csv").write_text(RENTS, encoding="utf-8")
    features = [{"type": "Feature", "properties": {"code": "01", "nom": "Ain"}, "geometry": OUTLINE}]
    outlines = json.dumps({"type": "FeatureCollection", "features": features})
    (data / "territory/departements-version-simplifiee.geojson").write_text(outlines, encoding="utf-8")


def _of_sample(text: str) -> str:
    for old, new in _FAMILIES.items():
        text = text.replace(old, new)
    return text
