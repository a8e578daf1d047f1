"""The list of mirrors, and one as it is opened and begun."""

from __future__ import annotations

from fastapi import APIRouter

from annotate.images.layers import layers_of
from annotate.images.pyramid import TILE
from annotate.messages import Mirror, Nothing, Problem, StartRequest, State
from annotate.routes import MIRROR, Bench, OpenDesk, View, refusals

router = APIRouter(tags=["mirrors"])


@router.get("/api/mirrors", responses={503: {"model": Problem}})  # once by its model, so that the schema has it
def mirrors(bench: Bench) -> list[Mirror]:
    """List the mirrors that can be opened, and how far each is."""
    return bench.gallery.mirrors()


@router.get(MIRROR, responses=refusals(404, 409))
def state(view: View, desk: OpenDesk, bench: Bench) -> State:
    """Open a mirror: all that a page has to know of it but its pictures."""
    pyramid = bench.pyramid(view.name)
    tiles = {"ready": pyramid.ready, "size": TILE, "levels": pyramid.levels}
    return State.model_validate(
        desk.state() | {"layers": layers_of(view), "tiles": tiles, "version": pyramid.version},
    )


@router.post(f"{MIRROR}/start", status_code=202, responses=refusals(404, 409))
def start(request: StartRequest, view: View, desk: OpenDesk, bench: Bench) -> Nothing:
    """Have the initial drawing made; how far it is, and its end, come as events."""
    desk.require_startable(request.source)
    bench.start(view.name, request.source)
    return Nothing()
