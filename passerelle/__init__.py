"""Wires the rooms of Passerelle together: command line, settings, errors, pipeline."""

__version__ = "0.1.0"
