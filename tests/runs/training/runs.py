"""What trainings left, and options of short interactive ones."""

import csv

import torch

from models.checkpoints import read_checkpoint

INTERACTIVE = ["--is_interactive", "True", "--base_model", "base"]
ONE_STEP = ["--crops", "4", "--max_epochs", "1"]


def best(project, run):
    (path,) = (project.folder / "runs" / run / "checkpoints").glob("epoch=*.ckpt")
    return path


def scores(project, run, version=0):
    with (project.folder / "runs" / run / "csv" / f"version_{version}" / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def weights(path):
    return read_checkpoint(path)["state_dict"]


def same(one, other):
    return all(torch.equal(value, other[name]) for name, value in one.items())
