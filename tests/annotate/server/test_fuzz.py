"""Whatever is sent, by the API's own schema and against it: never a fault of the server, and the session lives."""

from __future__ import annotations

import json
from http import HTTPStatus
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from annotate.limits import MAX_POINTS, MAX_RADIUS_PX
from annotate.server.app import create_app
from annotate.server.guard import Guard, ServerAddress
from tests.annotate.serving import DRAWN, MIRROR, SHAPE, UNDRAWN, Site, asking, start, stroke, until

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 20  # of each route
FUZZ = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
ROUTES = [
    "GET /",
    "GET /api/mirrors",
    *(f"GET /api/mirrors/{{name}}{rest}" for rest in ("", "/thumbnail", "/drawings/{which}", "/export/{kind}")),
    "GET /api/mirrors/{name}/tiles/{layer}/{level}/{column}/{row}",
    *(f"POST /api/mirrors/{{name}}/{order}" for order in ("start", "tiles", "strokes", "undo", "redo", "refine")),
    *(f"POST /api/mirrors/{{name}}/{order}" for order in ("keep", "seen", "previews", "learn", "redraw", "forget")),
    *(f"POST /api/mirrors/{{name}}/redrawing/{word}" for word in ("accept", "dismiss")),
    "GET /api/mirrors/{name}/previews/{source}",
    "GET /api/mirrors/{name}/close_up",
    "POST /api/mirrors/{name}/showing",
]


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    site = Site(tmp_path_factory.mktemp("site"))
    site.prepare(DRAWN, UNDRAWN)
    return create_app(site.open_sessions())


@pytest.fixture(scope="module")
def client(app):
    with asking(app) as made:
        start(made, DRAWN)
        yield made


@pytest.fixture(scope="module")
def schema(app, client):
    """The schema of the application that ``client`` has begun, and ends: that is not for each request to do."""
    inner = Guard(app, ServerAddress(hosts=("testserver", "localhost"), port=80))

    async def already_begun(scope, receive, send):
        if scope["type"] == "lifespan":
            for done in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{done}.complete"})
        else:
            await inner(scope, receive, send)

    return schemathesis.openapi.from_asgi("/openapi.json", already_begun)


def require_alive(client):
    """A stroke is taken, and answered."""
    event = client.post(f"{MIRROR}/strokes", json=stroke()).json()["event"]
    until(lambda: (state := client.get(MIRROR).json())["event"] > event and state["waiting"] == 0)
    assert client.get(MIRROR).json()["read_only"] is None


def test_every_route_but_the_endless_ones_is_fuzzed(schema):
    assert {result.ok().label for result in schema.get_all_operations()} == {
        *ROUTES,
        "GET /api/mirrors/{name}/events",
        "GET /api/stream",
    }


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_schema_knows_and_what_it_does_not(schema, client, route):
    operation = next(op for result in schema.get_all_operations() if (op := result.ok()).label == route)
    modes = list(schemathesis.GenerationMode)
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @settings(FUZZ, max_examples=EXAMPLES)
    @given(case=cases, known=st.booleans())
    def fuzz(case, known):
        if known and "name" in case.path_parameters:
            case.path_parameters["name"] = DRAWN
        case.call_and_validate(checks=CHECKS, timeout=60)

    fuzz()
    require_alive(client)


NUMBERS = st.one_of(
    st.floats(),
    st.floats(-300, 1000),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0.0, -0.0, 5e-324, 1e-9, 199.999999, 200.0, float(SHAPE[0]), float(SHAPE[1]), -200.0, 1e308]),
)
OTHERS: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.text(max_size=5), st.lists(st.none(), max_size=3), st.just({})
)
POINTS = st.lists(st.one_of(st.tuples(NUMBERS, NUMBERS), st.tuples(NUMBERS), OTHERS), max_size=8)


@st.composite
def nasty(draw):
    """A stroke of which each part may be anything, and often is what it should be."""
    count = draw(st.sampled_from([1, 2, 3, 50]))
    good = stroke(*[(300.0, 200.0 + point) for point in range(count)])
    bad = {
        "path_px": st.one_of(POINTS, st.lists(st.tuples(NUMBERS, NUMBERS), min_size=count, max_size=count), OTHERS),
        "radius_px": st.one_of(st.lists(NUMBERS, min_size=count, max_size=count), st.lists(OTHERS), OTHERS),
        "sign": st.one_of(NUMBERS, OTHERS),
        "client": st.one_of(st.text(), OTHERS, st.just(str(uuid4()))),
        "refine": st.one_of(st.booleans(), OTHERS),
        "more": OTHERS,
    }
    worse = draw(st.sets(st.sampled_from(sorted(bad)), max_size=2))
    return good | {name: draw(bad[name]) for name in worse}


@settings(FUZZ, max_examples=150)
@given(sent=nasty())
def test_a_nasty_stroke_is_taken_or_refused_with_a_sentence(client, sent):
    response = client.post(f"{MIRROR}/strokes", content=json.dumps(sent).encode("utf-8", "surrogatepass"))

    assert response.status_code in (201, 422), response.text
    assert set(response.json()) == {"event" if response.status_code == 201 else "detail"}


def test_after_all_the_nasty_strokes_the_session_lives(client):
    require_alive(client)


@settings(FUZZ, max_examples=100)
@given(body=st.binary(max_size=200), route=st.sampled_from([route for route in ROUTES if route.startswith("POST")]))
def test_bytes_that_are_no_json_are_never_a_fault(client, body, route):
    response = client.post(route.removeprefix("POST ").replace("{name}", DRAWN), content=body)

    assert response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    assert response.status_code in (202,) or set(response.json()) == {"detail"}


@pytest.mark.parametrize(
    ("path", "radius"),
    [
        ([(300.0, 200.0)], [MAX_RADIUS_PX]),
        ([(300.0, 200.0)] * MAX_POINTS, [1e-300] * MAX_POINTS),
        ([(-200.0, -200.0), (800.0, 1000.0)], [5e-324, MAX_RADIUS_PX]),
        ([(0.0, 0.0), (599.0, 799.0)] * 5, [MAX_RADIUS_PX] * 10),
    ],
)
def test_the_largest_strokes_that_are_taken_are_answered(client, path, radius):
    response = client.post(f"{MIRROR}/strokes", json=stroke(*path) | {"radius_px": radius})

    assert response.status_code == 201, response.text
    require_alive(client)
