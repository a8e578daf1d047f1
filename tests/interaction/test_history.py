"""What can be undone and redone, next to the plainest history that there is: a list and how far it is in force."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interaction.history import History


class OneList:
    """All entries in a list, of which the first so many are in force."""

    def __init__(self):
        self.entries, self.count = [], 0

    def add(self, entry):
        self.entries[self.count :] = [entry]
        self.count += 1

    def undo(self):
        self.count -= 1
        return self.entries[self.count]

    def redo(self):
        self.count += 1
        return self.entries[self.count - 1]


@given(st.lists(st.sampled_from(["add", "undo", "redo"]), max_size=20))
def test_any_history_is_a_list_and_how_far_it_is_in_force(orders):
    tested, model = History(), OneList()
    for number, order in enumerate(orders):
        if order == "add":
            tested.add(number)
            model.add(number)
        elif order == "undo" and model.count:
            assert tested.undo() == model.undo()
        elif order == "redo" and model.count < len(model.entries):
            assert tested.redo() == model.redo()
        in_force, after = model.entries[: model.count], model.entries[model.count :]
        assert tested.done == tuple(in_force)
        assert tested.undone == tuple(reversed(after))
        assert tested.last == (in_force[-1] if in_force else None)
        assert tested.next == (after[0] if after else None)


@pytest.mark.parametrize("order", ["undo", "redo"])
def test_what_is_not_there_cannot_be_undone_or_redone(order):
    with pytest.raises(IndexError):
        getattr(History(), order)()


@pytest.mark.parametrize(("limit", "kept"), [(0, ()), (2, (2, 3)), (None, (1, 2, 3))])
def test_only_so_many_can_be_undone(limit, kept):
    tested = History(limit=limit)
    for entry in (1, 2, 3):
        tested.add(entry)
    assert tested.done == kept
    assert tested.copy().limit == limit


def test_the_last_entries_are_replaced_and_what_can_be_redone_stays():
    tested = History((1, 2, 3), (4,))
    tested.replace([20, 30])
    assert (tested.done, tested.undone) == ((1, 20, 30), (4,))
    with pytest.raises(ValueError, match="4 entries cannot replace the last of 3"):
        tested.replace([0] * 4)
    assert tested.done == (1, 20, 30)


def test_a_copy_goes_its_own_way():
    tested = History((1, 2), (3,))
    copy = tested.copy()
    copy.undo()
    assert (copy.done, copy.undone) == ((1,), (3, 2))
    assert (tested.done, tested.undone) == ((1, 2), (3,))
