"""How lines are shown to models is told with how it is known, and a set is prepared anew as a person says."""

from __future__ import annotations

from contextlib import closing

import pytest

from annotate.errors import AnnotateError
from annotate.library.shown_lines import OtherShowing, line_showing
from annotate.session.annotation_session import AnnotationSession
from data.errors import DataError
from data.showing import MODEL_LINE_WIDTH
from data.storage import open_view
from tests.annotate.models import FakeModels
from tests.annotate.photographed import PhotographSite
from tests.annotate.serving import DRAWN
from tests.annotate.serving import Site as MirrorSite
from tests.annotate.session.sessions import put
from tests.simulation.fakes import stroke_at


@pytest.fixture
def site(tmp_path, capsys):
    return PhotographSite(tmp_path)


def other(site, line_width=None, polarity=None):
    return OtherShowing(site.config, "lines", line_width, polarity)


def cut_off(share):
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("drawn", "options", "known"),
    [
        ([], {}, "estimated"),
        (["a"], {}, "measured"),
        (["a"], {"test": ("a",)}, "estimated"),
        ([], {"line_width": 9.0}, "given"),
    ],
)
def test_it_is_told_whether_a_width_was_given_or_measured_or_only_guessed(site, drawn, options, known):
    site.photograph("a", "b", drawn=drawn)
    site.prepare_set(**options)

    assert line_showing(site.prepared).known == known


def test_what_is_measured_is_told_in_pixels_of_the_photograph(site):
    site.photograph("a", drawn=["a"])

    showing = line_showing(site.prepared)

    assert showing.line_width == pytest.approx(12, abs=0.7)
    assert showing.polarity == "dark"
    assert showing.scale == pytest.approx(MODEL_LINE_WIDTH / showing.line_width, abs=1e-3)


def test_a_set_of_mirrors_is_shown_in_no_other_way(tmp_path):
    mirrors = MirrorSite(tmp_path)
    mirrors.prepare(DRAWN)

    assert OtherShowing(mirrors.config, "mirrors", 9.0, None)._prepared.showing is None
    with pytest.raises(AnnotateError, match="no width of lines"):
        OtherShowing(mirrors.config, "mirrors", 9.0, None).require_possible()


def test_another_width_and_polarity_hold_for_all_and_nothing_else_of_the_set_changes(site):
    site.photograph("a", "b", "c", drawn=["a", "b"])
    site.prepare_set(channels=("rgb",), test=("b",))
    before, shares = site.prepared, []

    other(site, 24.0, "bright").prepare(shares.append)

    after = site.prepared
    assert (after.showing.line_width, after.showing.named_polarity) == (24.0, "bright")
    assert (after.members, after.test, after.source) == (before.members, before.test, before.source)
    assert [view.scale for view in after.views()] == pytest.approx([MODEL_LINE_WIDTH / 24] * 3, abs=1e-4)
    assert [{*view.channels} for view in after.views()] == [{"grey", "rgb", "relief"}] * 3
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])


def test_what_is_not_said_stays(site):
    site.photograph("a", drawn=["a"])
    width = site.prepared.showing.line_width

    other(site, polarity="bright").prepare(print)

    assert (site.prepared.showing.line_width, site.prepared.showing.named_polarity) == (width, "bright")
    assert site.prepared.showing.given == ("polarity",)


def test_a_set_of_colour_alone_gets_no_grey(site):
    site.photograph("a", drawn=["a"], channels=("rgb",))

    other(site, 24.0).prepare(print)

    assert [view.channels for view in site.views()] == [("rgb", "relief")]


def test_once_somebody_has_drawn_it_stays_and_says_on_which(site):
    site.photograph("a", "b", drawn=["a"])
    with closing(AnnotationSession.open(site.views()[1], site.config, FakeModels())) as session:
        session.start("empty")
        put(session, stroke_at([(20.0, 20.0), (20.0, 40.0)], 2.0, 1), refine=False)
        session.wait()
    before = site.prepared

    with pytest.raises(AnnotateError, match="somebody has drawn on b:"):
        other(site, 24.0).prepare(print)

    assert site.prepared == before


def with_setup(site):
    site.prepare_set(line_width=24.0)


@pytest.mark.parametrize(
    "change",
    [
        lambda site: other(site, 24.0).prepare(print),
        lambda site: other(site, None, "bright").prepare(print),
        with_setup,
    ],
    ids=["width", "polarity", "setup"],
)
def test_a_drawing_that_was_only_begun_makes_room_for_one_of_lines_as_they_are_shown_now(site, change):
    site.photograph("a", drawn=["a"])
    with closing(AnnotationSession.open(site.views()[0], site.config, FakeModels())) as session:
        session.start("empty")

    change(site)

    with closing(AnnotationSession.open(site.views()[0], site.config, FakeModels())) as session:
        assert not session.started
        assert session.state().read_only is None
        session.start("empty")
        assert session.exact()[1].shape == site.views()[0].model_shape


def test_a_drawing_with_strokes_at_another_scale_is_refused_and_left_as_it_is(site):
    site.photograph("a", drawn=["a"])
    with closing(AnnotationSession.open(site.views()[0], site.config, FakeModels())) as session:
        session.start("empty")
        put(session, stroke_at([(20.0, 20.0), (20.0, 40.0)], 2.0, 1), refine=False)
        session.wait()
        path = session.log.path
    kept = path.read_bytes()
    site.prepare_set(line_width=24.0)  # on the command line, where nobody asks

    with pytest.raises(Exception, match="--line_width"):
        AnnotationSession.open(site.views()[0], site.config, FakeModels())

    assert path.read_bytes() == kept


def test_a_preparation_that_was_cut_off_is_said_at_the_next_start_with_the_command_that_mends_it(site):
    site.photograph("a", "b", drawn=["a"])
    before = site.prepared

    with pytest.raises(KeyboardInterrupt):
        other(site, 24.0).prepare(cut_off)  # once the first image is prepared

    with pytest.raises(DataError, match=r"a: prepared otherwise than the rest of its set.*--dataset lines"):
        site.prepared.view("a")
    with pytest.raises(DataError, match="prepared otherwise"):
        AnnotationSession.open(open_view(before.folder / "a"), site.config, FakeModels())
    assert site.prepared.view("b").scale == before.model_scale

    site.prepare_set()
    assert (site.prepared, [view.scale for view in site.views()]) == (before, [before.model_scale] * 2)


def test_a_polarity_that_only_some_images_have_is_said(site):
    site.photograph("a", "b", drawn=["a"])

    with pytest.raises(KeyboardInterrupt):
        other(site, polarity="bright").prepare(cut_off)

    with pytest.raises(DataError, match="prepared otherwise"):
        site.views()
