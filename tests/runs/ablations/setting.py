"""An ablation's options, and the files that it writes."""

import csv
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

import eval as evaluation
import train
from runs.ablations import variants
from runs.options import EvalOptions
from tests.runs.toy import MIRROR, NETWORK

BUDGET = ["--batch_train", "4", "--batch_val", "8", "--crops", "8", "--max_epochs", "1", "--strokes", "2"]
TRAIN_WITH = " ".join([*NETWORK, *BUDGET])
EVERY = EvalOptions(mirror=MIRROR, seed=0, ckpt="", base_model="base", backend="torch", record_every=5)
NO_WORKERS = {"workers": 1, "scheduler": None, "report": lambda line: None}


@contextmanager
def training_here():
    """Training happens in this process, which has imported all it takes; `test_variants` starts the real command."""

    def run(command):
        assert command[0] == "train"
        result = CliRunner().invoke(train.main, command[1:])
        assert result.exit_code == 0, result.output + repr(result.exception)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variants, "run_command", run)
        yield


def given(kind, *arguments, base="base", mirror=MIRROR):
    fixed = ["--ablation", kind, "--base_model", base, "--mirror", mirror]
    fixed += ["--workers", "1", "--backend", "torch", "--record_every", "5"]
    return [*fixed, *arguments]


def ablation(place, kind, *arguments):
    return place.succeed(evaluation.main, *given(kind, *arguments))


def read_rows(folder):
    with (folder / "table.csv").open() as file:
        return list(csv.DictReader(file))
