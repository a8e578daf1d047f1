"""Which runs may be averaged, and the message about those that may not."""

from runs.report.groups import difference_text, differences, grouped
from runs.report.run_curves import RunCurves
from tests.runs.builder import BASE, CONFIG, INTERACTIVE, data_hash


def run(mirror="M", seed=0, options=None, weights=None):
    """A run of no records, with the usual options and weights but for those given."""
    config = CONFIG | {"mirror": mirror, "seed": seed} | (options or {})
    hashes = {"base": BASE, "interactive": INTERACTIVE, "data": data_hash(mirror)} | (weights or {})
    return RunCurves(mirror, seed, {}, {}, (), config=config, hashes=hashes)


def test_mirror_and_seed_may_differ_each_mirror_with_its_own_data():
    (group,) = grouped([run("M", 0), run("N", 0), run("M", 1)])
    assert group.label == "inter"
    assert (group.mirrors, group.seeds, len(group.runs)) == (["M", "N"], [0, 1], 3)


def test_names_places_and_pictures_may_differ():
    free = {"ckpt": "elsewhere/copy.ckpt", "base_model": "b", "device": "cuda", "group": "x", "manual": "../m"}
    assert len(grouped([run(), run(seed=1, options=free | {"picture_every": 7})])) == 1


def test_every_other_option_and_weight_sets_runs_apart():
    for name in ("mode", "annotator", "initial", "operations", "backend", "record_every", "something new"):
        groups = grouped([run(), run(seed=1, options={name: "other"})])
        assert len(groups) == 2, name
        assert list(differences(groups)) == [name]
    for name in ("base", "interactive", "something new"):
        assert len(grouped([run(), run(seed=1, weights={name: "2" * 64})])) == 2, name


def test_one_mirrors_data_of_two_kinds_set_its_runs_apart():
    groups = grouped([run("M", 0), run("N", 0), run("M", 1, weights={"data": "f" * 64})])
    assert [[(one.mirror, one.seed) for one in group.runs] for group in groups] == [[("M", 0), ("N", 0)], [("M", 1)]]
    assert difference_text(groups) == "data of M: 4d000000 / ffffffff"
    assert len({group.label for group in groups}) == 2


def test_labels_name_what_differs():
    runs = [
        run(),
        run(options={"annotator": "unsteady"}),
        run(options={"ckpt": "new", "initial": "otsu"}, weights={"interactive": "2" * 64}),
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
    groups = grouped([run(), run(weights={"interactive": "2" * 64})])
    assert [group.label for group in groups] == ["inter (11111111)", "inter (22222222)"]


def test_missing_seed_is_one_that_another_mirror_of_the_group_has():
    first, second = grouped([run("M", 0), run("M", 10), run("N", 10), run("N", 3, options={"annotator": "unsteady"})])
    assert first.missing == ["N_0"]
    assert second.missing == []
