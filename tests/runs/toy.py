"""A toy project, worked on by the real commands."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from click.testing import CliRunner

import eval as evaluation
import predict
import train

NETWORK = ["--enc_str", "tu-mobilenetv4_conv_small_050", "--arch", "unet-slim", "--patch_size", "128"]
BATCHES = ["--batch_train", "4", "--batch_val", "8", "--crops", "24", "--max_epochs", "2", "--lr", "0.003"]
MIRROR = "SYN-0004_R"
MODELS = ["--ckpt", "inter", "--base_model", "base"]


@dataclass
class Project:
    folder: Path
    elsewhere: dict[str, Path] = field(default_factory=dict)

    @property
    def environment(self):
        names = {"DIR_ROOT": "mirrors", "STORAGE": "storage", "WANDB_PROJECT": "runs", "DIR_EVAL": "out"}
        places = {name: self.folder / place for name, place in names.items()} | self.elsewhere
        return {f"RETRACE_{name}": str(place) for name, place in places.items()} | {"WANDB_MODE": "offline"}

    def moved(self, **places):
        return replace(self, elsewhere=places)

    def run(self, command, *arguments):
        return CliRunner().invoke(command, [str(argument) for argument in arguments], env=self.environment)

    def succeed(self, command, *arguments):
        result = self.run(command, *arguments)
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.output

    def train(self, *arguments):
        return self.succeed(train.main, *NETWORK, *BATCHES, *arguments)

    def evaluate(self, *arguments):
        return self.succeed(evaluation.main, *MODELS, "--mirror", MIRROR, "--workers", "1", *arguments)

    def predict(self, *arguments):
        return self.succeed(predict.main, "--base_model", "base", *arguments)
