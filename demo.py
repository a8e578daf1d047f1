"""``python -m demo``: the main job at small scale, from raw TIFFs to pictures, by the commands that a user types."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import click

from data.options import UserPath

MARKER = ".made-by-demo"  # a folder without it is not emptied
BASE, INTERACTIVE = "small-base", "small-interactive"  # weights that come with the program
MIRRORS = "--mirror SYN-0001_R --mirror SYN-0002_R --mirror SYN-0003_R"

WITH_WEIGHTS = (
    "data.synthetic {folder}/mirrors --mirrors 3 --height 1536 --width 1536 --seed 18",  # light, worn, corroded
    "data.setup",
    f"eval --ckpt {INTERACTIVE} --base_model {BASE} {MIRRORS} --seed 0 --seed 1",
    f"predict --base_model {BASE} {MIRRORS}",
    "runs.plots",
    "eval --report {folder}/out",
    # The models learn from the person, image after image, in a style that no training saw.
    "bench.domains {folder}/learning --style scribed --methods online --images 3 --seeds 1 --strokes 150 --side 320"
    " --patch 64",
)

NETWORK = "--enc_str tu-mobilenetv4_conv_small --arch unet-slim --batch_train 16 --batch_val 16"
TEST = "SYN-0010_R"  # the last one, which neither model sees
WITH_TRAINING = (
    "data.synthetic {folder}/mirrors --mirrors 10 --height 1536 --width 1536 --seed 1 --difficulty light",
    f"data.setup --test {TEST}",
    f"train {NETWORK} --crops 512 --lr 1e-3 --max_epochs 10 --max_minutes 4 --name base",
    f"train {NETWORK} --crops 256 --max_epochs 10 --max_minutes 4 --name interactive"
    " --is_interactive True --base_model base --strokes 4",
    f"eval --ckpt interactive --base_model base --mirror {TEST} --seed 0 --seed 1",
    f"predict --base_model base --mirror {TEST}",
    "runs.plots",
    "eval --report {folder}/out",
)


@click.command()
@click.argument("folder", type=UserPath(file_okay=False), default=Path("demo"))
@click.option(
    "--train", is_flag=True, help="Train both models, on nine mirrors, in place of the weights that are here."
)
def main(folder: Path, train: bool) -> None:
    """Make mirrors that no model has seen, prepare, draw and correct them, and plot; below FOLDER."""
    if not train:
        _require_weights()
    _empty(folder)
    places = {"DIR_ROOT": "mirrors", "STORAGE": "storage", "WANDB_PROJECT": "runs", "DIR_EVAL": "out"}
    environment = {"WANDB_MODE": "offline"} | os.environ
    environment |= {f"RETRACE_{name}": str(folder / place) for name, place in places.items()}
    click.echo("With " + " ".join(f"RETRACE_{name}={folder / place}" for name, place in places.items()) + ":")
    started = perf_counter()
    for command in WITH_TRAINING if train else WITH_WEIGHTS:
        arguments = shlex.split(command.format(folder=folder))
        click.secho(f"\n$ python -m {shlex.join(arguments)}", bold=True)
        done = subprocess.run([sys.executable, "-m", *arguments], env=environment, check=False)
        if done.returncode:
            raise click.ClickException(f"python -m {arguments[0]} ended with status {done.returncode}")
    _conclude(folder, perf_counter() - started)


def _require_weights() -> None:
    from models.weights import shipped

    missing = [str(path) for path in map(shipped, (BASE, INTERACTIVE)) if not path.exists()]
    if missing:
        raise click.ClickException(
            f"{', '.join(missing)}: not there; get them from the repository, or train both models with --train"
        )


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise click.ClickException(f"{folder}: holds something that no demo made; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _conclude(folder: Path, seconds: float) -> None:
    click.echo(f"\n{seconds / 60:.1f} minutes. Look at:")
    out = folder / "out"
    for path in (*sorted(out.glob("*/*.png")), *sorted(out.glob("SYN-*/SYN-*_0/**/*.png"))):
        click.echo(f"  {path}")
    if (curve := folder / "learning" / "curve.png").exists():
        click.echo(f"  {curve}: how good the initial drawing of each image is, after what was learned on those before")


if __name__ == "__main__":
    main()
