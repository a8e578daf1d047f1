"""What the benchmark of the page measures, on a small mirror: each figure is there, and is what it says."""

from __future__ import annotations

from bench.page.figures import answered, burst, inked, moved, table, undone
from bench.page.watch import CHANGES
from interaction.prompts.strokes import ADD, ERASE
from tests.annotate.page.whole import BEGUN, Site


def test_figures_are_those_of_the_strokes_that_were_drawn(site: Site) -> None:
    site.expected = "willReadFrequently"  # looking for ink reads the canvas, as the browser remarks
    tab = site.tab()
    tab.page.context.add_init_script(CHANGES)
    tab.open(BEGUN)
    strokes = [site.mistake(ADD), site.mistake(ERASE)]

    server, screen, changed = answered(tab, strokes)
    assert len(server.values) == len(screen.values) == len(strokes) == changed.of
    assert all(0 < of_server < on_screen for of_server, on_screen in zip(server.values, screen.values, strict=True))
    left, in_a_row = burst(tab, strokes)
    assert left.values == [0]
    assert len(in_a_row.values) == len(strokes)
    assert len(site.events("stroke")) == 2 * len(strokes)

    for figure, kind in zip(undone(tab, 2), ("undo", "redo"), strict=True):
        assert len(figure.values) == 2 == len(site.events(kind))
        assert min(figure.values) > 0
    late, until_seen = inked(tab, strokes[:1])
    assert late.values == [0]
    assert late.of == len(until_seen.values) > 2
    frames = moved(tab, strokes[0], moves=10)
    assert all(len(figure.values) > 3 for figure in frames)
    assert len(table([server, screen, *frames]).splitlines()) == 6
