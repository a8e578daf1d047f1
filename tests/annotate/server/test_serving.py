"""``python -m annotate``: where it listens, what it says, how it ends, and what it writes without a page."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from os import environ

import httpx
import pytest
from click.testing import CliRunner

from annotate.__main__ import main
from annotate.errors import AnnotateError
from annotate.server.serving import address_of, listening
from data.storage import VIEW_MANIFEST
from interaction.log.log import Log
from tests.annotate.serving import DRAWN, UNDRAWN, Site, messages, start, stroke
from tests.root import ROOT

PATIENCE_S = 60  # for a busy machine


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    made.prepare(DRAWN, UNDRAWN)
    return made


def run(site, *arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments], env=site.environment)


@contextmanager
def program(site, *arguments):
    """The real command in a process of its own; gives it and the line that it says first."""
    command = [sys.executable, "-m", "annotate", "--no_models", "--no_open", "--port", "0", *arguments]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ | site.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def test_help_answers_within_a_second_as_nothing_heavy_is_loaded():
    code = "import sys, annotate.__main__; print({'numpy', 'fastapi', 'torch', 'cv2', 'uvicorn'} & set(sys.modules))"

    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "set()\n"
    assert "--export VIEW" in CliRunner().invoke(main, ["--help"]).output


def test_ctrl_c_ends_it_within_a_second_though_event_streams_are_open_and_nothing_is_lost(site):
    with program(site) as (process, printed):
        address = printed.split()[-1]
        with httpx.Client(base_url=address, headers={"Content-Type": "application/json"}, timeout=PATIENCE_S) as client:
            assert client.get("/api/mirrors").json()[0]["name"] == DRAWN
            start(client, DRAWN, seconds=PATIENCE_S)
            with (
                client.stream("GET", f"/api/mirrors/{DRAWN}/events") as one,
                client.stream("GET", f"/api/mirrors/{UNDRAWN}/events") as other,
            ):
                tabs = [messages(one), messages(other)]  # kept: a stream that nobody reads any more is closed
                assert [next(tab)["type"] for tab in tabs] == ["hello", "hello"]
                event = client.post(f"/api/mirrors/{DRAWN}/strokes", json=stroke()).json()["event"]
                process.send_signal(signal.SIGINT)
                began = time.monotonic()
                closing_lines = [process.stdout.readline(), process.stdout.readline()]
                took = time.monotonic() - began
                assert process.wait(PATIENCE_S) == 0
        rest = process.stdout.read()

    assert printed.startswith("2 mirrors: http://127.0.0.1:")
    assert closing_lines == ["Ctrl-C ends it.\n", "Ended. All that was drawn is kept.\n"]
    assert rest == ""
    assert took < 4  # half a second on a machine that has nothing else to do
    with closing(Log.read(site.image_list().log_path(DRAWN))) as log:
        assert event in [entry.number for entry in log.events() if entry.kind == "stroke"]


def test_any_other_address_prints_a_token_once_that_opens_it(site):
    with program(site, "--host", "0.0.0.0") as (process, printed):
        address = printed.split()[-1]
        port, token = httpx.URL(address).port, httpx.URL(address).params["token"]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE_S) as client:
            closed = client.get("/api/mirrors")
            client.get(f"/?token={token}")
            opened = client.get("/api/mirrors")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()

    assert (closed.status_code, opened.status_code) == (401, 200)
    assert token not in rest


@pytest.mark.parametrize("given", [None, "a token of mine"])
def test_this_machines_own_address_asks_for_a_token_if_that_is_wanted(site, given):
    with program(site, "--token", *([given] if given else [])) as (process, printed):
        address = httpx.URL(printed.split()[-1])
        with httpx.Client(base_url=f"http://127.0.0.1:{address.port}", timeout=PATIENCE_S) as client:
            closed = client.get("/api/mirrors")
            client.get(address.raw_path.decode())
            opened = client.get("/api/mirrors")
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_S)

    assert address.host == "127.0.0.1"
    assert (closed.status_code, opened.status_code) == (401, 200)
    assert address.params["token"] == given if given else len(address.params["token"]) >= 43


def test_a_network_drive_is_named(site, monkeypatch, tmp_path):
    mounts = f"1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {site.folder} rw - nfs4 server:/scans rw\n"
    (tmp_path / "mountinfo").write_text(mounts)
    monkeypatch.setattr("annotate.server.serving.serve", lambda app, *rest: app.state.open_sessions.close())
    local = run(site, "--no_models", "--no_open", "--port", 0)
    monkeypatch.setattr("interaction.log.network.MOUNTS", tmp_path / "mountinfo")
    monkeypatch.setattr(sys, "platform", "linux")

    far = run(site, "--no_models", "--no_open", "--port", 0)

    assert "network" not in local.output
    assert "annotations lies on a network drive (nfs4)" in far.output
    assert far.exit_code == 0


def test_a_port_that_is_taken_is_reported_in_one_line(site):
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        result = run(site, "--no_models", "--no_open", "--port", port)

    assert result.exit_code == 1
    assert result.output == (
        f"Error: port {port} is in use, perhaps by another annotation page; close that, or choose another --port\n"
    )


@pytest.mark.parametrize(
    ("host", "expected"), [("192.0.2.1", "not an address of this machine"), ("no such host", "no such name or address")]
)
def test_an_address_that_this_machine_does_not_have_is_reported(host, expected):
    with pytest.raises(AnnotateError, match=expected):
        listening(host, 0)


def test_port_0_chooses_a_free_one_and_the_door_knows_it():
    with closing(listening("localhost", 0)) as listener:
        server_address = address_of(listener, "localhost")
        assert server_address.port == listener.getsockname()[1] > 0

    assert server_address.url == f"http://localhost:{server_address.port}/"
    assert server_address.token is None


def test_answers_are_sent_at_once_and_not_gathered_for_40_ms():
    """asyncio sets TCP_NODELAY on the sockets of a listener that says that it is TCP, and on no other."""
    with closing(listening("127.0.0.1", 0)) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_a_server_on_all_addresses_is_named_as_the_machine_is(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Scans")
    with closing(listening("0.0.0.0", 0)) as listener:
        server_address = address_of(listener, "0.0.0.0")

    assert server_address.url == f"http://scans:{server_address.port}/"
    assert server_address.token


def test_what_is_not_prepared_is_reported_in_one_line(site, tmp_path):
    unknown = run(site, "--mirror", "NOBODY", "--no_models", "--no_open")
    nothing = run(Site(tmp_path), "--no_models", "--no_open")

    assert (unknown.exit_code, nothing.exit_code) == (1, 1)
    assert DRAWN in unknown.output
    assert "data.setup" in nothing.output
    assert unknown.output.count("\n") == nothing.output.count("\n") == 1


def test_a_view_that_cannot_be_opened_is_left_out_and_named(tmp_path, monkeypatch):
    site = Site(tmp_path)
    site.prepare(DRAWN, UNDRAWN)
    (site.config.storage / "mirrors" / DRAWN / VIEW_MANIFEST).write_text("{}")
    shown = []
    monkeypatch.setattr("annotate.server.serving.serve", lambda app, *rest: shown.append(app.state.open_sessions))

    result = run(site, "--no_models", "--no_open", "--port", 0)
    shown[0].close()

    assert "SKIPPED" in result.output
    assert shown[0].image_list.names == (UNDRAWN,)


def test_the_browser_is_opened_unless_one_says_not_to(site, monkeypatch):
    opened = []
    monkeypatch.setattr("annotate.server.serving.open_browser", opened.append)
    monkeypatch.setattr(
        "annotate.server.serving.serve",
        lambda app, listener, server_address, ready: (ready(), app.state.open_sessions.close()),
    )

    silent = run(site, "--no_models", "--no_open", "--port", 0, "--mirror", DRAWN)
    secret = run(site, "--no_models", "--token", "--port", 0, "--mirror", DRAWN)  # command lines are seen by others
    result = run(site, "--no_models", "--port", 0, "--mirror", DRAWN)

    assert silent.exit_code == result.exit_code == secret.exit_code == 0, result.output
    assert len(opened) == 1
    assert opened[0] in result.output


def test_exports_are_written_without_a_server(tmp_path):
    site = Site(tmp_path)
    site.prepare(DRAWN, UNDRAWN)
    sessions = site.open_sessions()
    with sessions.session(DRAWN) as session:
        session.start("drawing")
    sessions.close()

    result = run(site, "--export", DRAWN, "--format", "json, csv")
    elsewhere = run(site, "--export", DRAWN, "--format", "svg", "--out", tmp_path / "there")

    assert (result.exit_code, elsewhere.exit_code) == (0, 0), result.output + elsewhere.output
    assert {path.name for path in (site.config.eval / DRAWN).iterdir()} == {f"{DRAWN}_strokes.csv", f"{DRAWN}_log.json"}
    assert [path.name for path in (tmp_path / "there").iterdir()] == [f"{DRAWN}.svg"]


def test_an_export_of_what_nobody_has_begun_says_so(tmp_path):
    site = Site(tmp_path)
    site.prepare(DRAWN, UNDRAWN)

    result = run(site, "--export", DRAWN, "--format", "json")
    both = run(site, "--export", DRAWN, "--export", UNDRAWN)

    assert (result.exit_code, both.exit_code) == (1, 1)
    assert result.output.startswith("Error: ")
    assert "nothing was drawn" in result.output
    assert both.output.count("SKIPPED") == 2
    assert not site.config.annotations.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--export", DRAWN, "--format", "doc"], "doc"),
        (["--export", DRAWN, "--mirror", DRAWN], "--mirror"),
        (["--no_models", "--token", ""], "--token"),
    ],
)
def test_options_that_make_no_sense_are_refused(site, arguments, expected):
    result = run(site, *arguments)

    assert result.exit_code == 2
    assert expected in result.output
