import json
import threading

import numpy as np
import pytest
import torch

from annotate.errors import AnnotateError
from annotate.library.model_service import ModelService
from annotate.session.annotation_session import AnnotationSession
from data.errors import DataError
from interaction.changes import whole_window
from interaction.merging import Allowed, pieces, sure
from interaction.patch_selection import Predicted
from metrics.calibration import AS_THEY_ARE, Calibration
from models.checkpoints import TrainedModel
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig, Task
from runs.calibration import calibration_path
from runs.evaluation.context import RunContext
from runs.jobs import Reporter
from runs.options import EvalOptions
from runs.predicting import model_pair as pairs
from tests.annotate.models import strokes
from tests.annotate.serving import DRAWN, MODEL_SHAPE, Site

TASK = Task("mirrors", ("depth",), 0.5, 128)
CONFIG = NetworkConfig("unet-slim", "tu-mobilenetv4_conv_small_050", (0.5,), (0.2,))
OURS, THEIRS = "base", "inter"


def model(folder, kind, **task):
    """A network that nobody trained."""
    torch.manual_seed(1)
    task = Task.from_dict(TASK.as_dict() | task)
    network = LineNetwork(CONFIG) if kind == OURS else InteractiveNetwork(CONFIG)
    path = folder / f"{kind}.ckpt"
    path.write_bytes(kind.encode())
    return TrainedModel(network.eval(), task, path, (), ())


@pytest.fixture
def site(tmp_path):
    """A site of one mirror."""
    site = Site(tmp_path)
    site.prepare(DRAWN)
    return site


@pytest.fixture
def loads(site, monkeypatch):
    """Make engines load two models that are told, in place of files."""

    def with_models(base, interactive):
        pair = pairs.Pair(base, interactive)
        monkeypatch.setattr(pairs, "load_pair", lambda *names: pair)
        monkeypatch.setattr("runs.evaluation.context.load_pair", lambda *names: pair)
        found = {OURS: base, THEIRS: interactive}
        monkeypatch.setattr("models.checkpoints.find_checkpoint", lambda name, project: name)
        monkeypatch.setattr("models.checkpoints.load_model", lambda name, kind: found[name])

    with_models(model(site.folder, OURS), model(site.folder, THEIRS, merge="sure", window="stroke"))
    return with_models


def loaded(site, base=OURS, interactive=THEIRS, **options):
    engine = ModelService(base, interactive, site.config, backend="torch", **options)
    assert engine.wait(30)
    return engine


def setting(site):
    options = EvalOptions(DRAWN, 0, THEIRS, OURS, backend="torch")
    return RunContext(options, site.config, Reporter(lambda heard: None))


def test_answers_are_made_as_evaluations_make_them(site, loads):
    engine, evaluation = loaded(site), setting(site)
    (view,) = site.views()

    ours, theirs = engine.refiner(view), evaluation.network_refiner()

    names = ("patch", "scale", "inputs", "around_stroke")
    assert {name: getattr(ours, name) for name in names} == {name: getattr(theirs, name) for name in names}
    assert ours.around_stroke
    assert engine.merge == evaluation.correction(theirs).session.merge == Allowed((sure,))


def test_another_merge_can_be_asked_for(site, loads):
    engine = loaded(site, merge="pieces")

    assert (engine.merge_name, engine.merge) == ("pieces", Allowed((pieces,)))
    with pytest.raises(DataError, match="no merge rule 'bold'"):
        ModelService(None, None, site.config, merge="bold")


def test_a_person_gets_what_was_measured(site, loads):
    loads(model(site.folder, OURS), model(site.folder, THEIRS))  # an untrained network is sure of nothing
    engine, evaluation = loaded(site), setting(site)
    (view,) = site.views()
    session = evaluation.correction(evaluation.network_refiner()).session
    desk = AnnotationSession.open(view, site.config, engine)
    desk.start("model")

    for number, stroke in enumerate(strokes(3, 0, MODEL_SHAPE)):
        desk.draw(stroke, refine=True, client=str(number))
        session.commit(session.propose([stroke])[0])
    desk.wait()

    assert desk.drawing("initial")[1].any()
    assert desk.exact()[1].tobytes() == session.current.tobytes()
    expected = Predicted(session, view.mask, 256, AS_THEY_ARE).ranks
    assert desk.state()["places"]["quality"] == np.round(expected, 4).tolist()
    desk.close()


def test_loading_happens_in_the_background(site, monkeypatch):
    go, called = threading.Event(), []

    def load_pair(*names):
        assert go.wait(10)
        return pairs.Pair(model(site.folder, OURS), model(site.folder, THEIRS))

    monkeypatch.setattr(pairs, "load_pair", load_pair)
    engine = ModelService(OURS, THEIRS, site.config, backend="torch")
    (view,) = site.views()
    forget = engine.when_loaded(lambda: called.append("forgotten"))
    engine.when_loaded(lambda: called.append("before"))
    forget()

    assert not engine.ready
    assert not engine.wait(0.01)
    assert engine.refines(view)
    assert engine.draws
    assert called == []
    go.set()
    assert engine.wait(30)
    engine.when_loaded(lambda: called.append("after"))
    assert engine.ready
    assert engine.refiner(view) is not None
    assert sorted(called) == ["after", "before"]


def test_models_that_are_not_there_are_told_and_nobody_waits_for_them(site):
    engine = loaded(site, "nowhere", "nothing")
    (view,) = site.views()

    assert "no checkpoint 'nowhere'" in engine.problem
    assert not engine.ready
    assert not engine.refines(view)
    assert engine.refiner(view) is None
    assert engine.problem_with(view) == engine.problem
    with pytest.raises(AnnotateError, match="nowhere"):
        engine.initial(view)
    desk = AnnotationSession.open(view, site.config, engine)
    assert desk.state()["sources"] == ["drawing", "empty"]
    desk.start("empty")
    desk.draw(strokes(1, 0, MODEL_SHAPE)[0], refine=True, client="1")
    desk.wait()
    assert desk.state()["strokes"] == 1
    desk.close()


def test_a_fault_while_loading_is_told(site, monkeypatch):
    monkeypatch.setattr(pairs, "load_pair", lambda *names: 1 / 0)

    engine = loaded(site)

    assert "ZeroDivisionError" in engine.problem


def test_no_models_are_ready_at_once(site):
    engine = ModelService(None, None, site.config)
    (view,) = site.views()

    assert engine.ready
    assert not engine.draws
    assert not engine.refines(view)
    assert engine.refiner(view) is None
    assert engine.merge is whole_window
    with pytest.raises(AnnotateError, match="no base model"):
        engine.initial(view)


@pytest.mark.parametrize(("names", "draws", "refines"), [((OURS, None), True, False), ((None, THEIRS), False, True)])
def test_one_of_the_models_may_be_left_out(site, loads, names, draws, refines):
    engine = loaded(site, *names)
    (view,) = site.views()

    assert (engine.draws, engine.refines(view)) == (draws, refines)
    assert (engine.refiner(view) is not None) == refines


@pytest.mark.parametrize(("task", "words"), [({"scale": 1.0}, "scale 1.0"), ({"channels": ("albedo",)}, "albedo")])
@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_models_that_do_not_fit_a_view_leave_it_a_plain_drawing_page(site, loads, kind, task, words):
    loads(*(model(site.folder, one, **(task if one == kind else {})) for one in (OURS, THEIRS)))
    engine = loaded(site)
    (view,) = site.views()

    assert engine.problem is None
    assert words in engine.problem_with(view)
    assert engine.refiner(view) is None
    with pytest.raises(AnnotateError, match=words):
        engine.initial(view)


def test_probabilities_are_calibrated_where_that_is_known(site, loads):
    base = model(site.folder, OURS)
    content = {"base": base.sha256, "probability": [0.0, 1.0], "share": [0.1, 0.9]}
    assert loaded(site).calibration_of(base.sha256) == AS_THEY_ARE

    calibration_path(base).write_text(json.dumps(content))
    engine = loaded(site)

    assert engine.calibration_of(base.sha256) == Calibration((0.0, 1.0), (0.1, 0.9))
    assert engine.calibration_of("of another model") == AS_THEY_ARE
    assert engine.calibration_of(None) == AS_THEY_ARE


def test_a_damaged_calibration_is_told(site, loads):
    calibration_path(model(site.folder, OURS)).write_text("{")

    assert "damaged" in loaded(site).problem


def test_one_network_serves_many_desks_one_at_a_time(site, loads, monkeypatch):
    engine = loaded(site)
    (view,) = site.views()
    inside, most = [], []
    predictor = engine.refiner(view).predictor

    def predict(*inputs):
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.01)
        inside.pop()
        return inputs[0][:, 0]

    monkeypatch.setattr(predictor, "_predictor", predict)
    planes = np.zeros((1, 1, 4, 4), np.float32)
    threads = [threading.Thread(target=engine.refiner(view).predictor, args=(planes,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 6
