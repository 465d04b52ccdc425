"""Wires the rooms of Passerelle together: command line, settings, errors, pipeline."""

import warnings

# pandera imports all of PySpark where it is installed, and an error as JSON must be alone on stderr. What PySpark says
# of pandas 3 concerns nobody here: Passerelle gives it record batches of Arrow
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

__version__ = "0.1.0"
