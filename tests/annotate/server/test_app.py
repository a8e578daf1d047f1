"""The application around its routes: the page's files, the schema, and what is answered where nothing is there."""

from __future__ import annotations

import pytest

from annotate.server.app import create_app
from annotate.session.annotation_session import AnnotationSession
from tests.annotate.serving import MIRROR, asking


@pytest.mark.parametrize(
    "path",
    [
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "....//app.py",
        "/etc/passwd",
        "",
        "nothing.js",
        "vendor",
        "a" * 5000,
    ],
)
def test_the_page_s_files_are_those_of_its_folder(client, path):
    response = client.get(f"/page/{path}")

    assert response.status_code == 404
    assert set(response.json()) == {"detail"}


def test_the_page_and_its_modules_are_asked_for_again_each_time(site, monkeypatch, tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "main.js").write_text("export {}")
    (tmp_path / "page" / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr("annotate.server.app.PAGE", tmp_path / "page")
    with asking(create_app(site.open_sessions())) as client:
        page, module = client.get("/"), client.get("/page/main.js")
        again = client.get("/page/main.js", headers={"If-None-Match": module.headers["ETag"]})

    assert page.headers["Content-Type"].startswith("text/html")
    assert module.headers["Content-Type"].startswith("text/javascript")
    assert {page.headers["Cache-Control"], module.headers["Cache-Control"]} == {"no-cache"}
    assert again.status_code == 304


def test_what_is_not_there_is_named(client):
    assert client.get("/api/nothing").json() == {"detail": "there is no /api/nothing"}


def test_a_method_that_a_route_does_not_take_is_refused(client):
    response = client.delete("/api/mirrors")

    assert response.status_code == 405
    assert "DELETE" in response.json()["detail"]


def test_nothing_is_loaded_from_elsewhere_and_the_schema_is_there(client):
    schema = client.get("/openapi.json").json()

    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]
    for path, methods in schema["paths"].items():
        for method, route in methods.items():
            assert route.get("description"), (method, path)
    told = schema["paths"]["/api/mirrors/{name}/events"]["get"]["responses"]["200"]["content"]
    assert list(told) == ["text/event-stream"]


def test_a_fault_of_the_program_is_one_sentence_and_the_server_lives(begun, monkeypatch, caplog):
    with monkeypatch.context() as patched:
        patched.setattr(AnnotationSession, "undo", lambda session: 1 // 0)
        response = begun.post(f"{MIRROR}/undo", json={})

    assert response.status_code == 500
    assert "fault of the program" in response.json()["detail"]
    assert "ZeroDivisionError" in caplog.text
    assert begun.post(f"{MIRROR}/undo", json={}).status_code == 202


@pytest.mark.parametrize(
    ("path", "status"), [("/nothing", 404), ("/api/mirrors/NOBODY/export/png", 404), (f"{MIRROR}/export/png", 409)]
)
def test_a_link_that_leads_nowhere_gives_a_page_and_a_script_gets_json(client, path, status):
    followed = client.get(path, headers={"Accept": "text/html,*/*;q=0.8"})
    asked = client.get(path, headers={"Accept": "*/*"})

    assert followed.status_code == asked.status_code == status
    assert '<a href="/">' in followed.text
    assert asked.json()["detail"]
