"""The experiment of one correction that counts everywhere: its pieces, what is said of them, and what is learned."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from bench.propagation import __main__ as propagation
from bench.propagation import trial as trials
from bench.propagation.features import decoder_features, logits
from bench.propagation.labels import Labels, Said, reveal
from bench.propagation.learner import TRUST, line_probability, refitted_threshold
from bench.propagation.pieces import LONGEST, LOW, NOWHERE, cut
from bench.propagation.table import table
from bench.propagation.trial import ALL, SETS, THRESHOLD, Outcome, Trial
from bench.untrained import untrained
from data.storage import PreparedSet
from interaction.prompts.strokes import ADD, ERASE
from interaction.refiners import ManualRefiner
from interaction.session import LINE, RefinementSession
from models.networks import LineNetwork
from runs.errors import RunError
from simulation.annotators.published import Longer
from simulation.correction_loop import CorrectionLoop
from simulation.strokes import MIRROR_BRUSH
from tests.bench.toy import SEEDS, drawn, rows_of
from tests.simulation.fakes import SCALE, THIN, BlankCanvas, scene, stroke_at

SHAPE, RADIUS, PATCH = (64, 96), 3.0, 64
EVERYWHERE = np.ones(SHAPE, bool)


@pytest.fixture
def probability():
    """Drawn line from the left, doubtful line that goes on from it, and a drawn bar of its own, far below."""
    drawing = np.full(SHAPE, 0.02, np.float32)
    drawing[9:14, 4:48], drawing[9:14, 48:92], drawing[46:51, 30:60] = 0.9, 0.3, 0.8
    return drawing


@pytest.fixture
def pieces(probability):
    return cut(probability, EVERYWHERE, RADIUS)


def piece_at(pieces, row, column):
    return int(pieces.flips[row, column])


def a_session(probability):
    return RefinementSession(BlankCanvas(SHAPE), probability, ManualRefiner(SCALE), scale=SCALE, channels=())


def test_a_piece_is_drawn_from_end_to_end_or_not_at_all(pieces, probability):
    line = probability[tuple(pieces.pixels.T)] > LINE
    assert_array_equal(line, np.repeat(pieces.drawn, pieces.lengths))
    assert {True, False} == set(pieces.drawn.tolist())


def test_no_piece_is_long_and_all_are_ways_of_their_own(pieces):
    assert pieces.lengths.max() <= LONGEST
    assert len(np.unique(pieces.pixels, axis=0)) == len(pieces.pixels) == pieces.lengths.sum()
    ends = np.cumsum(pieces.lengths)
    for path in np.split(pieces.pixels, ends[:-1]):
        assert (np.abs(np.diff(path, axis=0)).max(axis=1, initial=1) == 1).all()


def test_what_flips_is_the_drawn_line_or_a_line_as_wide_as_lines_are(pieces, probability):
    drawn, doubtful = piece_at(pieces, 11, 10), piece_at(pieces, 11, 70)
    assert pieces.drawn[drawn]
    assert not pieces.drawn[doubtful]
    assert ((pieces.flips != NOWHERE) & (probability > LINE)).sum() == (probability > LINE).sum()
    rows = np.flatnonzero(pieces.flips[:, 70] == doubtful)
    assert_array_equal(rows, np.arange(8, 15))  # 3 pixels either side of row 11


@pytest.mark.parametrize("seed", range(5))
def test_what_a_piece_gains_is_the_number_of_wrong_pixels_less(seed):
    prediction, truth = scene(seed)
    probability = np.where(prediction, np.float32(0.8), np.float32(0.05))
    probability[truth & ~prediction] = 0.3
    pieces = cut(probability, np.ones_like(truth), RADIUS)
    for piece, gain in enumerate(pieces.gain(truth)):
        flipped = prediction ^ (pieces.flips == piece)
        assert gain == (prediction != truth).sum() - (flipped != truth).sum()


def test_values_are_pooled_along_a_piece(pieces):
    columns = np.broadcast_to(np.arange(SHAPE[1], dtype=np.float64), SHAPE)
    piece = piece_at(pieces, 48, 45)
    at = pieces.pixels[pieces.on[tuple(pieces.pixels.T)] == piece]
    assert pieces.along(columns)[piece] == pytest.approx(at[:, 1].mean())
    assert pieces.reduced(pieces.pixels, np.minimum)[piece].tolist() == at.min(axis=0).tolist()


def test_an_erase_stroke_says_no_line_and_another_piece_there_was_left_as_it_is(pieces, probability):
    said = Said(pieces, patch=100, rng=np.random.default_rng(0))
    bar = piece_at(pieces, 48, 45)
    said.hear(stroke_at([(48, column) for column in range(30, 60)], sign=ERASE), a_session(probability))
    labels = said.labels()
    assert labels.pieces[0] == bar
    assert not labels.line[0]
    assert len(labels) == 2
    assert labels.line[1] == pieces.drawn[labels.pieces[1]]
    assert labels.weight[0] == 1
    assert labels.weight[1] == pieces.asked.sum() - 1  # it stands for all in the patch that nobody touched


def test_a_stroke_that_only_grazes_a_piece_says_nothing(pieces, probability):
    said = Said(pieces, patch=100, rng=np.random.default_rng(0))
    said.hear(stroke_at([(48, 45)], sign=ERASE), a_session(probability))
    assert len(said) == 0


def test_what_a_stroke_says_holds_over_what_was_left(pieces, probability):
    said = Said(pieces, patch=100, rng=np.random.default_rng(0))
    doubtful = piece_at(pieces, 11, 70)
    said.left[doubtful] = False
    said.hear(stroke_at([(11, column) for column in range(49, 92)], sign=ADD), a_session(probability))
    labels = said.labels()
    assert labels.line[labels.pieces == doubtful].tolist() == [True]


def test_labels_come_as_soon_as_there_are_so_many():
    prediction, truth = scene(3, shape=(256, 256))
    truth |= np.roll(truth, 60, axis=1)
    probability = np.where(prediction, np.float32(0.8), np.float32(0.05))
    probability[truth & ~prediction] = 0.3
    pieces = cut(probability, np.ones_like(truth), RADIUS)
    session = RefinementSession(BlankCanvas(truth.shape), probability, ManualRefiner(SCALE), scale=SCALE, channels=())
    person = Longer(MIRROR_BRUSH)
    correction = CorrectionLoop(session, truth, np.ones_like(truth), person, patch=PATCH, seed=0, published=False)
    said = Said(pieces, PATCH, np.random.default_rng(0))
    revealed = dict(reveal(correction, said, (8, 4)))
    assert list(revealed) == [4, 8]
    assert 4 <= len(revealed[4]) < len(revealed[8])
    share = pieces.along(truth)
    touched = revealed[8].weight == 1
    assert (revealed[8].line == (share[revealed[8].pieces] > 0.5))[touched].mean() > 0.7


def two_kinds(count=40):
    """Branches of two textures; the base model is as much in doubt about one as about the other."""
    kind = np.where(np.arange(count) % 2, 1.0, -1.0)
    return kind[:, None] * np.ones(4), np.zeros(count), kind > 0


def test_pieces_like_those_that_were_called_line_are_line():
    features, logit, line = two_kinds()
    labels = Labels(np.arange(6), line[:6], np.ones(6))
    probability = line_probability(features, logit, labels)
    assert_array_equal(probability > 0.8, line)
    assert_array_equal(probability < 0.2, ~line)


def test_more_labels_and_heavier_ones_make_surer():
    features, logit, line = two_kinds()

    def sureness(count, weight):
        labels = Labels(np.arange(count), line[:count], np.full(count, weight))
        return line_probability(features, logit, labels)[-1]

    assert 0.5 < sureness(2, 1.0) < sureness(8, 1.0) < 1
    assert sureness(4, 1.0) < sureness(4, 5.0)


def test_where_labels_say_nothing_the_base_model_is_asked_and_not_trusted_blindly():
    features = np.concatenate([two_kinds(4)[0], 0 * two_kinds(4)[0]])
    logit = np.array([0, 0, 0, 0, -3, -1, 1, 3], float)
    labels = Labels(np.arange(4), np.array([False, True, False, True]), np.ones(4))
    far = line_probability(features, logit, labels)[4:]
    assert_allclose(far, 1 - far[::-1], atol=1e-6)
    assert (np.diff(far) > 0).all()
    assert far[-1] < 1 / (1 + np.exp(-TRUST * 3))


def test_a_threshold_is_fitted_to_weighted_labels():
    probability = np.array([0.2, 0.3, 0.4, 0.6, 0.7])
    says = np.array([False, True, True, True, False])
    evenly = Labels(np.arange(5), says, np.ones(5))
    assert 0.2 <= refitted_threshold(probability, evenly) < 0.3
    heavily = Labels(np.arange(5), says, np.array([1, 1, 1, 1, 9.0]))
    assert refitted_threshold(probability, heavily) >= 0.7
    agreeing = Labels(np.arange(5), probability > 0.5, np.ones(5))
    assert refitted_threshold(probability, agreeing) == pytest.approx(0.5)


def test_features_are_what_the_decoder_gives_at_a_piece(pieces):
    base = untrained(LineNetwork, "unet-slim", "tu-mobilenetv4_conv_small_050")
    rng = np.random.default_rng(0)
    image = rng.random((1, 256, 256), np.float32)
    canvas = BlankCanvas(SHAPE)
    canvas.read = lambda region, channels, scale: image[:, *region.slices]
    last, earlier = decoder_features(pieces, canvas, base)
    shown = np.pad(image[:, : SHAPE[0], : SHAPE[1]], ((0, 0), (0, 192), (0, 160)), mode="edge")
    with torch.inference_mode():
        encoded = base.network.unet.encoder(base.network.standardise(torch.from_numpy(shown[None])))
        expected = base.network.unet.decoder(encoded)[0].numpy()
    assert last.shape == (len(pieces), 16)
    assert earlier.shape == (len(pieces), 48 + 32)
    piece = piece_at(pieces, 48, 45)
    row, column = pieces.pixels[pieces.on[tuple(pieces.pixels.T)] == piece].T
    assert_allclose(last[piece], expected[:, row, column].mean(axis=1), rtol=1e-3, atol=1e-4)


def test_logits_are_finite():
    assert_allclose(logits(np.array([0.0, 0.5, 1.0], np.float32)), [-9.21, 0, 9.21], atol=0.01)


def test_a_share_is_that_of_all_proposals_and_nothing_proposed_has_none():
    outcomes = [
        Outcome("M", 20, "threshold", 0, 0, 0, 0),
        Outcome("M", 20, "learned", 1, 1, 10, 10),
        Outcome("M", 20, "learned", 3, 1, 30, -10),
    ]
    threshold, learned = table(outcomes).splitlines()[2:]
    assert [cell.strip() for cell in threshold.split("|")[1:-1]] == [
        "20",
        "threshold",
        "1",
        "0.0 [0.0, 0.0]",
        "-",
        "-",
        "0.0 [0.0, 0.0]",
    ]
    assert "| 50 [" in learned  # 2 of 4 pieces, 20 of 40 pixels
    assert "2.0 [" in learned
    assert learned.split("|")[3].strip() == "2", "runs that came to as many labels"


def test_a_mirror_of_which_nothing_is_likely_line_is_named():
    view = SimpleNamespace(folder=Path("storage/mirrors/BARE_R"), mask=EVERYWHERE, truth=EVERYWHERE)
    base = SimpleNamespace(task=SimpleNamespace(patch=PATCH), path="base.ckpt")
    with pytest.raises(RunError, match="BARE_R: nothing there is likely line to base"):
        Trial(view, np.full(SHAPE, LOW, np.float32), base, MIRROR_BRUSH)


BARS = {  # rows and columns of a mirror's lines and of what looks like them, its probability, and whether it is line
    "right": (slice(8, 13), slice(4, 30), 0.9, True),
    "known as wrong": (slice(8, 13), slice(50, 80), 0.65, False),
    "stray": (slice(28, 33), slice(4, 34), 0.6, False),
    "faint": (slice(28, 33), slice(50, 70), 0.55, True),
    "missing": (slice(48, 53), slice(4, 30), 0.3, True),
    "ground": (slice(48, 53), slice(50, 80), 0.3, False),
}


@pytest.fixture
def trial(monkeypatch):
    """A mirror of six pieces; the person has said of two that one is line and the other is none."""
    initial, view = np.full(SHAPE, 0.02, np.float32), BlankCanvas(SHAPE)
    view.folder, view.scale, view.model_shape, view.mask = Path("M"), SCALE, SHAPE, EVERYWHERE
    view.truth = np.zeros(SHAPE, bool)
    for rows, columns, probability, line in BARS.values():
        initial[rows, columns] = probability
        view.truth[rows, columns] = line
    made = Trial(view, initial, untrained(LineNetwork, "unet-slim", "tu-mobilenetv4_conv_small_050"), THIN)
    known = np.array([number_of(made, name) for name in ("right", "known as wrong")])
    labels = Labels(known, np.array([True, False]), np.ones(2))
    monkeypatch.setattr(trials, "reveal", lambda correction, said, counts: [(count, labels) for count in counts])
    return made


def number_of(trial, name):
    rows, columns, *_ = BARS[name]
    return piece_at(trial.pieces, rows.start + 2, columns.start + 10)


def outcomes_of(trial, sure=(0.8,)):
    return {one.way: one for one in trial.outcomes((2,), sure, seed=0)}


def outcome_of_changing(trial, way, *names):
    """Work out what becomes of a drawing in which pieces change: right ones repair more than they spoil."""
    drawing = trial.initial > LINE
    wrong = np.count_nonzero(drawing != trial.truth)
    changes = [trial.pieces.flips == number_of(trial, name) for name in names]
    fewer = [wrong - np.count_nonzero((drawing ^ change) != trial.truth) for change in changes]
    right = sum(repaired > 0 for repaired in fewer)
    return Outcome("M", 2, way, len(names), right, sum(map(np.count_nonzero, changes)), sum(fewer))


def test_a_mirror_is_cut_into_pieces_of_which_some_are_wrong(trial):
    assert len(trial.pieces) == len(BARS) == len({number_of(trial, name) for name in BARS})
    assert trial.wrong == 3


def test_a_threshold_changes_all_but_what_has_a_label(trial):
    """Above 0.65 nothing contradicts the labels: the stray line goes, 150 pixels, and 100 of a true one with it."""
    assert outcomes_of(trial)[THRESHOLD] == Outcome("M", 2, THRESHOLD, 2, 1, changed=250, repaired=50)


def test_the_best_that_can_be_proposed_are_all_mistakes_without_a_label(trial):
    found = outcomes_of(trial)[ALL]
    assert found == outcome_of_changing(trial, ALL, "stray", "missing")
    assert found.proposed == found.right == 2


def test_what_is_surely_drawn_wrongly_is_proposed_unless_it_has_a_label(trial, monkeypatch):
    """Drawn pieces that are hardly line, and others that are; of those with a label the learner has both wrong."""
    line = {"right": 0.05, "known as wrong": 0.05, "stray": 0.05, "faint": 0.5, "missing": 0.95, "ground": 0.85}
    learned = np.zeros(len(BARS))
    learned[[number_of(trial, name) for name in line]] = list(line.values())
    monkeypatch.setattr(trials, "line_probability", lambda features, logit, labels: learned)
    found = outcomes_of(trial, sure=(0.8, 0.9))
    for name in SETS:
        likely, certain = f"{name}, 0.8 sure", f"{name}, 0.9 sure"
        assert found[likely] == outcome_of_changing(trial, likely, "stray", "missing", "ground")
        assert found[certain] == outcome_of_changing(trial, certain, "stray", "missing")


def test_each_set_of_features_has_those_before_and_is_learned_from(trial, monkeypatch):
    seen = []
    monkeypatch.setattr(trials, "line_probability", lambda features, *_: seen.append(features) or np.zeros(len(BARS)))
    outcomes_of(trial)
    assert [features.shape for features in seen] == [(len(BARS), width) for width in (5, 9, 25, 105)]
    assert_allclose(seen[-1].mean(axis=0), 0, atol=1e-6)
    for fewer, more in pairwise(seen):
        assert_array_equal(more[:, : fewer.shape[1]], fewer)


def test_the_command_tries_every_way_on_each_mirror(toy, monkeypatch):
    monkeypatch.setattr(propagation, "COUNTS", (4, 8))
    prepared = PreparedSet.open(toy.config.storage, "mirrors")
    output = toy.succeed(
        propagation.main, "--base_model", "base", "--seeds", "1", *map(prepared.folder.joinpath, SEEDS)
    )

    for view in prepared.views():
        pieces = cut(drawn(view), np.array(view.mask), prepared.lines.mean * view.scale)
        wrong = np.count_nonzero(pieces.asked & (pieces.gain(view.truth & view.mask) > 0))
        assert f"{view.folder}: {len(pieces)} pieces, {wrong} drawn wrongly" in output
    _, *rows = rows_of(output)
    ways = [THRESHOLD, ALL, *(f"{name}, {least} sure" for name in SETS for least in propagation.SURE)]
    assert [row[:3] for row in rows] == [[labels, way, "2"] for labels in ("4", "8") for way in ways]
    (best,) = (row for row in rows if row[:2] == ["4", ALL])
    assert best[4] == "100 [100, 100]"
