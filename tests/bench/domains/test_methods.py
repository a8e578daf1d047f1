"""Names of methods are read, and those that cannot be run are refused."""

import pytest

from bench.domains.methods import USUAL, Trained, chosen, places_of, trained


def test_names_with_commas_once_each():
    assert chosen("shipped, online,shipped") == ("shipped", "online")


def test_all_usual_ones_exist():
    assert chosen(",".join(USUAL)) == USUAL


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("adapt-1", Trained("adapt", 1)),
        ("adapt-25", Trained("adapt", 25)),
        ("scratch-3", Trained("scratch", 3)),
        ("finetuned", Trained("finetuned", 0)),
        ("online", None),
        ("shipped", None),
    ],
)
def test_how_models_are_trained(name, how):
    assert trained(name) == how


@pytest.mark.parametrize(
    ("name", "order"),
    [("online", "least-sure"), ("online-worst", "worst"), ("online-random", "random"), ("adapt-1", None)],
)
def test_where_one_learns_online(name, order):
    assert places_of(name) == order


@pytest.mark.parametrize("text", ["", " , ", "adapt-0", "adapt", "online-best", "nothing", "shipped,forest-ours"])
def test_what_cannot_be_run_is_refused(text):
    with pytest.raises(ValueError, match=r"no method|online"):
        chosen(text)


def test_a_base_model_from_nothing_has_no_interactive_one_of_its_own():
    assert not Trained("scratch", 3).refines
    assert Trained("adapt", 3).refines
