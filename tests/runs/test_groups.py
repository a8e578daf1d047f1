"""Which runs may be averaged, and what is said of those that may not."""

from dataclasses import dataclass, field

from runs.groups import difference_text, differences, grouped, model_name
from tests.runs.builder import BASE, CONFIG, INTERACTIVE, data_hash


@dataclass
class Run:
    mirror: str = "M"
    seed: int = 0
    options: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)

    @property
    def config(self):
        return CONFIG | {"mirror": self.mirror, "seed": self.seed} | self.options

    @property
    def hashes(self):
        return {"base": BASE, "interactive": INTERACTIVE, "data": data_hash(self.mirror)} | self.weights


def test_mirror_and_seed_may_differ_each_mirror_with_its_own_data():
    (group,) = grouped([Run("M", 0), Run("N", 0), Run("M", 1)])
    assert group.label == "inter"
    assert (group.mirrors, group.seeds, len(group.runs)) == (["M", "N"], [0, 1], 3)


def test_names_places_and_pictures_may_differ():
    free = {"ckpt": "elsewhere/copy.ckpt", "base_model": "b", "device": "cuda", "group": "x", "manual": "../m"}
    assert len(grouped([Run(), Run(seed=1, options=free | {"picture_every": 7})])) == 1


def test_every_other_option_and_weight_sets_runs_apart():
    for name in ("mode", "annotator", "initial", "operations", "backend", "record_every", "something new"):
        groups = grouped([Run(), Run(seed=1, options={name: "other"})])
        assert len(groups) == 2, name
        assert list(differences(groups)) == [name]
    for name in ("base", "interactive", "something new"):
        assert len(grouped([Run(), Run(seed=1, weights={name: "2" * 64})])) == 2, name


def test_one_mirrors_data_of_two_kinds_set_its_runs_apart():
    groups = grouped([Run("M", 0), Run("N", 0), Run("M", 1, weights={"data": "f" * 64})])
    assert [[(run.mirror, run.seed) for run in group.runs] for group in groups] == [[("M", 0), ("N", 0)], [("M", 1)]]
    assert difference_text(groups) == "data of M: 4d000000 / ffffffff"
    assert len({group.label for group in groups}) == 2


def test_labels_name_what_differs():
    runs = [
        Run(),
        Run(options={"annotator": "unsteady"}),
        Run(options={"ckpt": "new", "initial": "otsu"}, weights={"interactive": "2" * 64}),
    ]
    assert [group.label for group in grouped(runs)] == [
        "inter, longer, initial base",
        "inter, unsteady, initial base",
        "new, longer, initial otsu",
    ]
    assert difference_text(grouped(runs)) == (
        "interactive model: inter (11111111) / new (22222222); annotator: longer / unsteady; initial: base / otsu"
    )


def test_models_of_one_name_are_told_apart_by_their_weights():
    groups = grouped([Run(), Run(weights={"interactive": "2" * 64})])
    assert [group.label for group in groups] == ["inter (11111111)", "inter (22222222)"]


def test_missing_seed_is_one_that_another_mirror_of_the_group_has():
    first, second = grouped([Run("M", 0), Run("M", 10), Run("N", 10), Run("N", 3, options={"annotator": "unsteady"})])
    assert first.missing == ["N_0"]
    assert second.missing == []


def test_a_model_is_called_by_its_run_id():
    assert model_name("inter") == "inter"
    assert model_name("runs/3f2a/checkpoints/epoch=7.ckpt") == "3f2a"
    assert model_name("downloads/model.ckpt") == "model"
