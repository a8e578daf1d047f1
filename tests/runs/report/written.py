"""Curves of a good and a bad run, and reports read again."""

import csv
import json

from tests.runs.builder import Curves

# Against the same manual run, over 200 pixels: half of them saved, or none.
FAST = Curves(refined=(0.4, 0.8, 0.8), repaired=80, spoiled=20)
SLOW = Curves(refined=(0.4, 0.6, 0.7), repaired=40, spoiled=20)


def read_json(folder):
    return json.loads((folder / "report" / "report.json").read_text())


def read_csv(folder):
    with (folder / "report" / "report.csv").open() as file:
        return list(csv.DictReader(file))


def markdown(folder):
    return (folder / "report" / "report.md").read_text()


def lines(text, *beginning):
    """The lines of tables that begin with some cells: their other cells."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row[len(beginning) :] for row in rows if row[: len(beginning)] == list(beginning)]
