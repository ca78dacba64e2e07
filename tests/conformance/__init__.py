"""Turns published cases, kept as plain CSV tables, into tables of this project."""
