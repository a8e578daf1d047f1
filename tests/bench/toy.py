"""Two small mirrors of a few lines, drawn with errors, and a base model that was taught nothing."""

from dataclasses import replace

import cv2
import numpy as np
import torch

import data.setup
from data.io.png import write_drawing, write_png
from data.storage import PreparedSet
from data.synthetic.files import view_files, write_tiff
from metrics.calibration import Calibration
from models.calibration import write_table
from models.checkpoints import load_model
from models.modules import BaseModule
from models.networks import NetworkConfig
from runs.calibration import calibration_path
from tests.runs.toy import Project
from tests.simulation.fakes import scene
from user_config import settings

SHAPE, PATCH = (128, 128), 32  # model pixels
SEEDS = {"TOY-0001_R": 1, "TOY-0002_R": 2}  # of their lines, by view
DRAWN, DOUBTFUL, BLANK = np.float32(0.9), np.float32(0.3), np.float32(0.05)
CALIBRATION = Calibration((0.0, 0.3, 0.9), (0.0, 0.5, 0.8))


class Toy(Project):
    """A project with both mirrors prepared and the model, called ``base``, with a calibration."""

    @property
    def config(self):
        return replace(settings(), storage=self.folder / "storage", project=self.folder / "runs")

    def view(self, name):
        return PreparedSet.open(self.config.storage, "mirrors").view(name)

    def make(self):
        for view, seed in SEEDS.items():
            _write_mirror(self.folder / "mirrors", view.removesuffix("_R"), seed)
        self.succeed(data.setup.main, "--test_last", "1")
        network = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
        task = {"dataset": "mirrors", "channels": ["depth"], "scale": 0.5, "patch": PATCH}
        module = BaseModule(network.as_dict(), task, 1e-3)
        path = self.folder / "runs" / "base" / "checkpoints" / "epoch=0.ckpt"
        path.parent.mkdir(parents=True)
        torch.save({"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}, path)
        base = load_model(path, "base")
        write_table(calibration_path(base), CALIBRATION, base.sha256)
        return self


def drawn(view, *model_and_progress):
    """Draw a mirror as a base model might: lines are missing, where it is in doubt, and there are stray ones."""
    prediction, truth = scene(SEEDS[view.name], SHAPE)
    probability = np.where(prediction, DRAWN, np.where(truth, DOUBTFUL, BLANK))
    return np.where(view.mask, probability, np.float32(0))


def rows_of(table):
    """Return the cells of a Markdown table's rows, which other text may stand around."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "---" not in line]


def _write_mirror(root, obj, seed):
    truth = scene(seed, SHAPE)[1].repeat(2, axis=0).repeat(2, axis=1)
    files = view_files(root, obj)
    mask = cv2.ellipse(np.zeros(truth.shape, np.uint8), (128, 128), (124, 116), 0, 0, 360, 255, cv2.FILLED)
    noise = np.random.default_rng(seed).normal(0, 0.05, truth.shape)
    write_drawing(files["drawing"], truth & (mask > 0))
    write_png(files["mask"], np.repeat(mask[..., None], 3, axis=2))
    write_tiff(files["depth"], (noise - 0.3 * truth).astype(np.float32), photometric="minisblack")
