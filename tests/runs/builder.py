"""Folders of runs as evaluations write them, from curves that are made up."""

import json
from dataclasses import dataclass

import numpy as np

from metrics.registry import all_scores, run_table_scores
from runs.report.table import table_columns

CONFIG = {
    "ckpt": "inter",
    "base_model": "base",
    "dataset": "mirrors",
    "mode": "headline",
    "annotator": "longer",
    "initial": "base",
    "operations": "both",
    "backend": "torch",
    "record_every": 10,
    "picture_every": 100,
    "device": "cpu",
    "group": "",
}
BASE, INTERACTIVE = "b" * 64, "1" * 64
METHODS = {"base": 0.5, "otsu": 0.3, "sauvola": 0.4, "adaptive": 0.35, "sato": 0.45}


@dataclass(frozen=True)
class Curves:
    """pFM at each record of a run and of its manual run, and their efforts; IoU is half of it, contest pFM 9/10."""

    refined: tuple[float, ...] = (0.4, 0.8, 0.8)
    manual: tuple[float, ...] = (0.4, 0.6, 0.8)
    effort: tuple[int, ...] = (0, 100, 200)
    manual_effort: tuple[int, ...] = (0, 100, 200)
    repaired: int = 80
    spoiled: int = 20


def write_run(folder, mirror="M", seed=0, curves=None, *, finished=True, hashes=None, **options):
    """Write a run and, in the headline mode, the independent manual run; return the path of its table."""
    curves = curves or Curves()
    home = folder / mirror
    config = CONFIG | {"mirror": mirror, "seed": seed} | options
    hashes = {"base": BASE, "interactive": INTERACTIVE, "data": data_hash(mirror)} | (hashes or {})
    human = np.interp(curves.effort, curves.manual_effort, curves.manual)
    if config["mode"] == "headline":
        config.setdefault("manual", "manual")
        manual = home / config["manual"]
        _write_table(manual / f"{mirror}_{seed}.csv", curves.manual, curves.manual, curves.manual_effort)
        alone = {name: value for name, value in config.items() if name != "manual"}
        without = {name: value for name, value in hashes.items() if name != "interactive"}
        scores = {"initial": card(curves.manual[0]), "refined": card(curves.manual[-1])}
        _write_folder(manual / f"{mirror}_{seed}", alone, without, scores)
    table = home / f"{mirror}_{seed}.csv"
    turned = curves.repaired, curves.spoiled
    _write_table(table, curves.refined, human, curves.effort, turned)
    manual_final = curves.manual[-1] if config["mode"] == "headline" else human[-1]
    scores = {"initial": card(curves.refined[0]), "refined": card(curves.refined[-1]), "manual": card(manual_final)}
    _write_folder(table.with_name(table.stem), config, hashes, scores if finished else None)
    return table


def write_initials(folder, mirror="M", methods=None, base=BASE):
    """Write what a mirror's initial drawings score, by method."""
    scores = {method: card(value) for method, value in (methods or METHODS).items()}
    path = folder / mirror / "initials.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"base": base, "data": data_hash(mirror), "scores": scores}))
    return path


def data_hash(mirror):
    """A hash that differs from mirror to mirror."""
    return mirror.encode().hex().ljust(64, "0")[:64]


def card(pfm):
    """All scores of a drawing."""
    return dict.fromkeys((score.name for score in all_scores()), pfm) | {"iou": pfm / 2, "pfm_dibco": 0.9 * pfm}


def _write_folder(folder, config, hashes, scores):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "run.json").write_text(json.dumps({"config": config, "hashes": hashes}))
    if scores is not None:
        (folder / "scores.json").write_text(json.dumps(scores))


def _write_table(path, refined, human, effort, turned=(0, 0)):
    rows = []
    for record, (ours, theirs, pixels) in enumerate(zip(refined, human, effort, strict=True)):
        share = record / max(len(effort) - 1, 1)
        values = {"interaction": 10 * record, "human_input": int(pixels)}
        values |= {"repaired": round(share * turned[0]), "spoiled": round(share * turned[1])}
        for suffix, pfm in (("", ours), ("_human", theirs)):
            values |= {f"{one.name}{suffix}": f"{card(pfm)[one.name]:.6f}" for one in run_table_scores()}
        rows.append(",".join(str(values[name]) for name in table_columns()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(table_columns()), *rows]) + "\n")
