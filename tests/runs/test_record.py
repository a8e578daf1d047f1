from runs.record import changes


def test_only_what_differs_is_said_by_name():
    there, wanted = {"seed": 1, "mode": "headline", "order": 1}, {"seed": 1, "mode": "published", "backend": "torch"}

    assert changes(there, wanted) == (
        "backend None there, torch asked for; mode headline there, published asked for; order 1 there, None asked for"
    )


def test_settings_that_are_not_named_may_differ():
    assert changes({"mode": "headline", "seed": 1}, {"mode": "published", "seed": 1}, ["seed"]) == ""


def test_long_values_are_cut():
    assert changes({"data": "0123456789"}, {"data": "9876543210"}, width=4) == "data 0123 there, 9876 asked for"
