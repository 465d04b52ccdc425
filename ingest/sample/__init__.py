"""A small ROME of Passerelle's own, in the published layout, so that it answers without network or data.

Codes and names of occupations and titles are the ROME's; skills, contexts, texts and mobilities were written for this
sample and are not France Travail's. Every screen says that it is a sample.
"""

from importlib.resources import files
from pathlib import Path


def sample_directory() -> Path:
    """The directory of the sample's files (``unix_*_vsample_utf8.csv``, ``version.txt``)."""
    return Path(str(files(__name__)))
