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

MARKER = ".made-by-demo"  # a folder without it is not emptied
NETWORK = "--enc_str tu-mobilenetv4_conv_small --arch unet-slim --batch_train 16 --batch_val 16"
MIRROR = "SYN-0010_R"  # the last one, which neither model sees

COMMANDS = (
    "data.synthetic {folder}/mirrors --mirrors 10 --height 1536 --width 1536 --seed 1 --difficulty light",
    f"data.setup --test {MIRROR}",
    f"train {NETWORK} --crops 512 --lr 1e-3 --max_epochs 10 --max_minutes 4 --name base",
    f"train {NETWORK} --crops 256 --max_epochs 10 --max_minutes 4 --name interactive"
    " --is_interactive True --base_model base --strokes 4",
    f"eval --ckpt interactive --base_model base --mirror {MIRROR} --seed 0 --seed 1",
    f"predict --base_model base --mirror {MIRROR}",
    "runs.plots",
    "eval --report {folder}/out",
)


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"))
def main(folder: Path) -> None:
    """Make mirrors, prepare them, train both models, correct a mirror that neither saw, and plot; below FOLDER."""
    _empty(folder)
    places = {"DIR_ROOT": "mirrors", "STORAGE": "storage", "WANDB_PROJECT": "runs", "DIR_EVAL": "out"}
    environment = {"WANDB_MODE": "offline"} | os.environ
    environment |= {f"RETRACE_{name}": str(folder / place) for name, place in places.items()}
    click.echo("With " + " ".join(f"RETRACE_{name}={folder / place}" for name, place in places.items()) + ":")
    started = perf_counter()
    for command in COMMANDS:
        arguments = shlex.split(command.format(folder=folder))
        click.secho(f"\n$ python -m {shlex.join(arguments)}", bold=True)
        done = subprocess.run([sys.executable, "-m", *arguments], env=environment, check=False)
        if done.returncode:
            raise click.ClickException(f"python -m {arguments[0]} ended with status {done.returncode}")
    _conclude(folder / "out", perf_counter() - started)


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise click.ClickException(f"{folder}: holds something that no demo made; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).touch()


def _conclude(out: Path, seconds: float) -> None:
    click.echo(f"\n{seconds / 60:.1f} minutes. Look at:")
    for path in (*sorted(out.glob("*/*.png")), *sorted(out.glob(f"{MIRROR}/{MIRROR}_0/**/*.png"))):
        click.echo(f"  {path}")


if __name__ == "__main__":
    main()
