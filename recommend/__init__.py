"""Ranking, explanation, gap and search over arrays made from the tables: no files, no network, no clock."""
