"""Abuse by chance: workbooks with a cell or two changed for the worse, and random networks of every feature.

python -m tests.fuzz --cases N --seed S      counts of what came of them
"""
