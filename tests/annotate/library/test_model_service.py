import gc
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
from models.networks import InteractiveNetwork, LineNetwork, NetworkConfig
from models.task import Task
from runs.calibration import calibration_path
from runs.evaluation.context import RunContext
from runs.evaluation.kept_models import ModelPair
from runs.jobs import Reporter
from runs.options import EvalOptions
from runs.predicting.loaded_models import load_base, load_interactive
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
    """Have two given models loaded in place of files."""

    def with_models(base, interactive):
        found = {OURS: base, THEIRS: interactive}
        monkeypatch.setattr("runs.predicting.loaded_models.find_checkpoint", lambda name, project: name)
        monkeypatch.setattr("runs.predicting.loaded_models.load_model", lambda name, kind: found[name])

    with_models(model(site.folder, OURS), model(site.folder, THEIRS, merge="sure", window="stroke"))
    return with_models


def loaded(site, base=OURS, interactive=THEIRS, **options):
    models = ModelService(base, interactive, site.config, backend="torch", **options)
    assert models.wait(30)
    return models


def context(site):
    options = EvalOptions(DRAWN, 0, THEIRS, OURS, backend="torch")
    where = site.config.project, "cpu", "torch"
    pair = ModelPair(load_base(OURS, *where), load_interactive(THEIRS, *where))
    return RunContext(options, site.config, Reporter(lambda heard: None), pair)


def test_answers_are_made_as_evaluations_make_them(site, loads):
    models, evaluation = loaded(site), context(site)
    (view,) = site.views()

    ours, theirs = models.refiner(view), evaluation.network_refiner()

    names = ("patch", "scale", "encoder", "around_stroke")
    assert {name: getattr(ours, name) for name in names} == {name: getattr(theirs, name) for name in names}
    assert ours.around_stroke
    assert models.merge == evaluation.correction_loop(theirs).session.merge == Allowed((sure,))


def test_another_merge_can_be_asked_for(site, loads):
    models = loaded(site, merge="pieces")

    assert (models.merge_name, models.merge) == ("pieces", Allowed((pieces,)))
    with pytest.raises(DataError, match="no merge rule 'bold'"):
        ModelService(None, None, site.config, merge="bold")


def test_a_user_gets_what_was_measured(site, loads):
    loads(model(site.folder, OURS), model(site.folder, THEIRS))  # an untrained network is sure of nothing
    models, evaluation = loaded(site), context(site)
    (view,) = site.views()
    measured = evaluation.correction_loop(evaluation.network_refiner()).session
    session = AnnotationSession.open(view, site.config, models)
    session.start("model")

    for number, stroke in enumerate(strokes(3, 0, MODEL_SHAPE)):
        session.draw(stroke, refine=True, client=str(number))
        measured.commit(measured.propose([stroke])[0])
    session.wait()

    assert session.drawing("initial")[1].any()
    assert session.exact()[1].tobytes() == measured.current.tobytes()
    expected = Predicted(measured, view.mask, 256, AS_THEY_ARE).ranks
    assert session.state().places.quality == np.round(expected, 4).tolist()
    session.close()


def test_loading_happens_in_the_background(site, loads, monkeypatch):
    go, called = threading.Event(), []

    def load_model(name, kind):
        assert go.wait(10)
        return model(site.folder, name)

    monkeypatch.setattr("runs.predicting.loaded_models.load_model", load_model)
    models = ModelService(OURS, THEIRS, site.config, backend="torch")
    (view,) = site.views()
    forget = models.when_loaded(lambda: called.append("forgotten"))
    models.when_loaded(lambda: called.append("before"))
    forget()

    assert not models.ready
    assert not models.wait(0.01)
    assert models.refines(view)
    assert models.draws
    assert called == []
    go.set()
    assert models.wait(30)
    models.when_loaded(lambda: called.append("after"))
    assert models.ready
    assert models.refiner(view) is not None
    assert sorted(called) == ["after", "before"]


def test_models_that_are_not_there_are_reported_and_nobody_waits_for_them(site):
    models = loaded(site, "nowhere", "nothing")
    (view,) = site.views()

    assert "no checkpoint 'nowhere'" in models.problem
    assert not models.ready
    assert not models.refines(view)
    assert models.refiner(view) is None
    assert models.problem_with(view) == models.problem
    with pytest.raises(AnnotateError, match="nowhere"):
        models.initial(view)
    session = AnnotationSession.open(view, site.config, models)
    assert session.state().sources == ["otsu", "sauvola", "drawing", "empty"]
    session.start("empty")
    session.draw(strokes(1, 0, MODEL_SHAPE)[0], refine=True, client="1")
    session.wait()
    assert session.state().strokes == 1
    session.close()


def test_a_fault_while_loading_is_reported(site, loads, monkeypatch):
    monkeypatch.setattr("runs.predicting.loaded_models.load_model", lambda name, kind: 1 / 0)

    models = loaded(site)

    assert "ZeroDivisionError" in models.problem


def test_no_models_are_ready_at_once(site):
    models = ModelService(None, None, site.config)
    (view,) = site.views()

    assert models.ready
    assert not models.draws
    assert not models.refines(view)
    assert models.refiner(view) is None
    assert models.merge is whole_window
    with pytest.raises(AnnotateError, match="no base model"):
        models.initial(view)


@pytest.mark.parametrize(("names", "draws", "refines"), [((OURS, None), True, False), ((None, THEIRS), False, True)])
def test_one_of_the_models_may_be_left_out(site, loads, names, draws, refines):
    models = loaded(site, *names)
    (view,) = site.views()

    assert (models.draws, models.refines(view)) == (draws, refines)
    assert (models.refiner(view) is not None) == refines


@pytest.mark.parametrize(("task", "words"), [({"scale": 1.0}, "scale 1.0"), ({"channels": ("albedo",)}, "albedo")])
@pytest.mark.parametrize("kind", [OURS, THEIRS])
def test_models_that_do_not_fit_a_view_leave_it_a_plain_drawing_page(site, loads, kind, task, words):
    loads(*(model(site.folder, one, **task) for one in (OURS, THEIRS)))
    models = loaded(site, *(one if one == kind else None for one in (OURS, THEIRS)))
    (view,) = site.views()

    assert models.problem is None
    assert words in models.problem_with(view)
    assert models.refiner(view) is None
    with pytest.raises(AnnotateError, match=words):
        models.initial(view)


def test_two_models_of_different_tasks_are_a_problem(site, loads):
    loads(model(site.folder, OURS), model(site.folder, THEIRS, channels=("albedo",)))

    assert "trained for different tasks" in loaded(site).problem


def test_probabilities_are_calibrated_where_that_is_known(site, loads):
    base = model(site.folder, OURS)
    content = {"base": base.sha256, "probability": [0.0, 1.0], "share": [0.1, 0.9]}
    assert loaded(site).calibration_of(base.sha256) == AS_THEY_ARE

    calibration_path(base).write_text(json.dumps(content))
    models = loaded(site)

    assert models.calibration_of(base.sha256) == Calibration((0.0, 1.0), (0.1, 0.9))
    assert models.calibration_of("of another model") == AS_THEY_ARE
    assert models.calibration_of(None) == AS_THEY_ARE


def test_a_damaged_calibration_is_reported(site, loads):
    calibration_path(model(site.folder, OURS)).write_text("{")

    assert "damaged" in loaded(site).problem


def test_one_network_serves_many_sessions_one_at_a_time(site, loads, monkeypatch):
    models = loaded(site)
    (view,) = site.views()
    inside, most = [], []
    predictor = models.refiner(view).predictor

    def predict(*inputs):
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(0.01)
        inside.pop()
        return inputs[0][:, 0]

    monkeypatch.setattr(predictor, "predictor", predict)
    planes = np.zeros((1, 1, 4, 4), np.float32)
    threads = [threading.Thread(target=models.refiner(view).predictor, args=(planes,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 6


def test_what_is_loaded_is_not_looked_through_again_for_garbage(site, loads):
    """A full collection would hold every thread, those that answer strokes among them, for tenths of a second."""
    gc.unfreeze()

    loaded(site)

    frozen = gc.get_freeze_count()
    assert frozen > 10 * len(gc.get_objects())
