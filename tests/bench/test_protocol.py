"""``python -m bench.protocol``: what is timed, and what is made of the measured figures."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from shutil import copytree
from time import sleep

import cv2
import numpy as np
import pytest
import torch
from click.testing import CliRunner
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bench import measure, preparation
from bench.measure import Measured
from bench.networks import TORCH
from bench.protocol import __main__ as protocol
from bench.protocol import hardware, initial
from bench.protocol.growth import Size, plot_growth
from bench.protocol.hardware import Rates, Work, counted, measured_rates
from bench.protocol.initial import Drawn
from bench.protocol.interaction import StandIn, Timing, answers_at_once, corrected, timed
from bench.protocol.results import Both, Results
from bench.protocol.scenes import BLANK, Subject, mirror_scene, scene_of_size
from bench.protocol.seeds import Run, ShortProtocol, together
from data.synthetic.files import write_mirrors
from simulation.annotators import annotator_named
from tests.simulation.fakes import growing

TINY = "tu-mobilenetv4_conv_small_050"


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    """A small mirror, prepared, and the smallest networks."""
    root = tmp_path_factory.mktemp("protocol")
    write_mirrors(root / "mirror", 1, 1024, 1280, seed=1)
    preparation.prepare(root / "mirror", root / "storage", ("depth",))
    return Subject(root / "storage", TINY, "unet-slim", "cpu")


def test_a_stand_in_asks_the_network_and_gives_the_initial_drawing():
    asked = []
    image, drawing, added, erased = np.random.default_rng(0).random((4, 2, 1, 8, 8), np.float32)
    answer = StandIn(lambda *planes: asked.append(planes))(image, drawing, added, erased)
    assert all(given is wanted for given, wanted in zip(asked[0], (image, drawing, added, erased), strict=True))
    assert (answer == drawing[:, 0]).all()


def test_interactions_are_timed_with_their_parts_and_further_drawings_follow(subject):
    def slow(*planes):
        sleep(0.01)  # longer than all the rest, so that time counted twice shows
        return growing(*planes)

    scene = scene_of_size(subject.storage, 0.3)
    annotator, drawing = annotator_named("best-answer", scene.brush), scene.initial(np.random.default_rng(0))
    alone = len(list(corrected(scene, drawing, growing, annotator, 0)))
    timing = timed(slow, scene, "best-answer", alone + 10)
    assert timing.laps.shape == (alone + 10, 3)
    assert (timing.laps[:, 1] >= 0.01).all()
    assert (timing.laps[:, 2] > 0).all()
    assert (timing.laps[:, 1:].sum(axis=1) < timing.laps[:, 0]).all()
    assert timing.start > 0


def test_a_mirror_without_errors_cannot_be_timed(subject):
    scene = scene_of_size(subject.storage, 0.3)
    with pytest.raises(ValueError, match="nothing to correct"):
        timed(growing, replace(scene, truth=np.zeros_like(scene.truth)), "longer", 5)


def test_medians_are_of_each_part_in_milliseconds():
    laps = np.array([[1.0, 0.5, 0.2], [2.0, 0.6, 0.1], [9.0, 0.7, 0.3]])
    medians = Timing(0.0, laps).medians_ms
    assert medians == pytest.approx({"whole": 2000, "network": 600, "strokes": 200, "rest": 1300})


@pytest.mark.parametrize("megapixels", [0.5, 4.0])
def test_a_scene_of_a_size_is_cut_from_the_mirror_or_repeats_it(subject, megapixels):
    scene, mirror = scene_of_size(subject.storage, megapixels), mirror_scene(subject.storage)
    assert np.prod(scene.canvas.shape) == pytest.approx(megapixels * 1e6, rel=0.01)
    assert scene.truth.shape == tuple(side // 2 for side in scene.canvas.shape)
    assert scene.truth[~scene.valid].sum() == 0
    share = scene.truth.mean() / mirror.truth.mean()
    assert share == pytest.approx(1, rel=0.5)


def test_an_initial_drawing_misses_lines_and_has_stray_ones(subject):
    scene = mirror_scene(subject.storage)
    drawn = scene.initial(np.random.default_rng(0)) > BLANK
    assert (scene.truth & ~drawn).sum() / scene.truth.sum() == pytest.approx(0.35, abs=0.15)
    assert (drawn & ~scene.truth).sum() / scene.truth.sum() == pytest.approx(0.2, abs=0.15)


def test_windows_off_the_object_are_not_drawn(subject, tmp_path):
    storage = copytree(subject.storage, tmp_path / "storage")
    (path,) = storage.glob("mirrors/*/mask_model.npy")
    valid = np.load(path)
    valid[:, :300] = False
    np.save(path, valid)
    drawn = initial.drawn(replace(subject, storage=storage), TORCH)
    assert drawn.windows == 9  # of 12, of 256 x 256 in steps of 128 over 512 x 640
    assert drawn.seconds > 0


def test_a_convolutions_work_is_counted():
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 5, padding=2), torch.nn.ReLU())
    work = counted(network, torch.zeros(1, 3, 8, 16))
    assert work.flops == 2 * 3 * 4 * 25 * 8 * 16
    assert work.bytes == 4 * (3 * 8 * 16 + 3 * 4 * 25 + 4 + 4 * 8 * 16)


def test_an_answer_takes_the_longer_of_computing_and_moving():
    assert Work(flops=6e9, bytes=1e9).least_seconds(Rates(flops=2e9, bytes=1e9)) == 3
    assert Work(flops=2e9, bytes=5e9).least_seconds(Rates(flops=2e9, bytes=1e9)) == 5


def test_a_short_protocol_is_extrapolated():
    runs = (Run(1, 500, 6.0, 0.1), Run(2, 700, 8.0, 0.3), Run(1, 600, 10.0, 0.2))
    short = ShortProtocol(runs, 1300)
    assert (short.processes, short.aside) == (2, 8)
    assert short.interactions_a_second == pytest.approx(10)
    assert short.published_hours(20) * 3600 == pytest.approx(3 * 20 + 30 * 8 / 2 + 2820)


def test_peaks_of_all_processes_add_up():
    runs = [Run(-1, 500, 0, 1), Run(-2, 700, 0, 1), Run(-1, 600, 0, 1)]
    assert together(runs, 100).peak_mib == 100 + 600 + 700


def test_results_compare_the_chosen_backend_with_pytorch():
    def both(auto, torch):
        return Both(Measured(auto, 0, 400), Measured(torch, 0, 1200))

    def timing(whole, network):
        return Timing(0.0, np.array([[whole, network, 0.0]]))

    results = Results(
        drawing=both(Drawn(20.0, 100), Drawn(50.0, 100)),
        interactions={
            "longer": both(timing(0.05, 0.04), timing(0.5, 0.1)),
            "best-answer": both(timing(0.09, 0.05), timing(0.9, 0.2)),
        },
        short=ShortProtocol((Run(1, 0, 0, 0.1),), 3000),
        sizes=[Size(1, 50, 400)],
        rates=Rates(flops=100e9, bytes=10e9),
        work={"base": Work(1e9, 1e6), "interactive": Work(2e9, 1e6)},
        device="cpu",
    )
    rows = {row["what"]: row for row in results.as_json({})["rows"]}
    compared = {name: (row["value"], row["other"], row["better_by"]) for name, row in rows.items() if "other" in row}
    assert compared["initial drawing"] == (20, 50, 2.5)
    assert compared["its memory"] == (400, 1200, 3)
    assert compared["one interaction, best-answer"] == pytest.approx((90, 900, 10))
    assert rows["short protocol"]["value"] == pytest.approx(10)
    assert rows["extrapolated to 28,200 interactions"]["value"] == pytest.approx(2880 / 3600)
    assert results.as_json({})["short"] == {"processes": 1, "aside_s": 0, "interactions_a_second": 10}
    limits = {limit.what: (limit.least_ms, limit.reached) for limit in results.limits}
    assert limits["the network's part, longer"] == pytest.approx((20, 0.5))
    assert limits["the network's part, best-answer"] == pytest.approx((40, 0.8))
    assert limits["initial drawing"] == pytest.approx((1000, 0.05))
    assert "| 1          | 50" in results.text()
    on_gpu = replace(results, device="cuda")
    targets = [row.target for way in (results, on_gpu) for row in way.rows if row.what.startswith("extrapolated")]
    assert targets == ["1", "1/6"]
    assert "By the GPU: matrix product 100 GFLOP/s" in on_gpu.text()


def test_the_picture_says_every_value_without_overlaps():
    sizes = [Size(1, 52, 1010), Size(4, 51, 1020), Size(240, 61, 5400)]
    figure = plot_growth(sizes)
    FigureCanvasAgg(figure).draw()
    time, memory = figure.axes
    assert [label.get_text() for label in time.get_xticklabels()] == ["1", "4", "240"]
    assert {text.get_text() for text in time.texts} == {"52", "51", "61"}
    assert {text.get_text() for text in memory.texts} == {"1,010", "1,020", "5,400"}
    for axes in figure.axes:
        boxes = [text.get_window_extent() for text in axes.texts]
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_the_command_writes_figures_and_a_picture(tmp_path, monkeypatch, subject):
    here = lambda call, *arguments: Measured(call(*arguments), 0.0, 1.0)  # noqa: E731
    monkeypatch.setattr(measure, "measured", here)
    monkeypatch.setattr(hardware, "REPEATS", 1)
    monkeypatch.setattr(protocol, "SEEDS", 2)
    monkeypatch.setattr(protocol, "_prepared", lambda *place: subject.storage)
    options = [
        "--quick",
        "--workers",
        "1",
        "--enc_str",
        TINY,
        "--arch",
        "unet-slim",
        "--device",
        "cpu",
        "--sizes",
        "0.3,1",
    ]
    result = CliRunner().invoke(protocol.main, [str(tmp_path), *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    content = json.loads((tmp_path / "protocol.json").read_text())
    assert content["settings"] == {
        "height": 1024,
        "width": 1280,
        "interactions": protocol.QUICK["interactions"],
        "enc_str": TINY,
        "arch": "unet-slim",
        "device": "cpu",
    }
    for row in content["rows"]:
        assert row["value"] > 0
        assert row.get("better_by", 0) == pytest.approx(row.get("other", 0) / row["value"])
        assert f"| {row['what']}, {row['unit']} " in result.output
    assert [size["megapixels"] for size in content["growth"]] == [0.3, 1.0]
    assert all(value > 0 for size in content["growth"] for value in size.values())
    assert content["parts_ms"].keys() == {"longer", "best-answer"}
    assert cv2.imread(str(tmp_path / "protocol.png")).shape[1] == 1800


def test_an_annotator_who_compares_answers_asks_for_them_at_once():
    assert (answers_at_once("longer"), answers_at_once("best-answer")) == (1, 2)


def test_rates_of_a_device_are_measured(monkeypatch):
    monkeypatch.setattr(hardware, "REPEATS", 1)
    rates = measured_rates("cpu")
    assert 1e8 < rates.flops < 1e15
    assert 1e7 < rates.bytes < 1e14


def test_a_gpu_that_is_not_there_is_one_message(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    result = CliRunner().invoke(protocol.main, [str(tmp_path), "--quick", "--device", "gpu"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: PyTorch finds no GPU here")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("sizes", ["", "1,x", "0", "-1,4", "inf"])
def test_sizes_that_are_none_are_refused(sizes, tmp_path):
    result = CliRunner().invoke(protocol.main, [str(tmp_path), "--sizes", sizes])
    assert result.exit_code == 2
    assert "give numbers above 0 with commas between" in result.output
