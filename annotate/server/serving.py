"""The server: where it listens, the address that it prints, and how it ends."""

from __future__ import annotations

import errno
import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import uvicorn
from fastapi import FastAPI

from annotate.errors import AnnotateError
from annotate.server.app import end_streams
from annotate.server.guard import Guard, ServerAddress
from annotate.server.punctual import PunctualProtocol

PATIENCE_S = 1  # for requests that are being answered when the server ends
# Between two requests. After uvicorn's 5 s a connection was reset on which the next request had already come: loading a
# model can hold the interpreter for longer.
KEPT_ALIVE_S = 75


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a host's address and a port; 0 chooses a free one.

    Raises
    ------
    AnnotateError
        If the port is taken, or not to be had, or there is no such address on this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return _bound(found[0])
    except socket.gaierror as error:
        raise AnnotateError(f"--host {host}: no such name or address; take 127.0.0.1 for this machine alone") from error
    except OverflowError as error:
        raise AnnotateError(f"--port {port}: ports go from 1 to 65535; 0 chooses a free one") from error
    except OSError as error:
        raise AnnotateError(_why_not(host, port, error)) from error


def _bound(found: tuple[Any, ...]) -> socket.socket:
    """Listen on what ``getaddrinfo`` has found.

    The socket names its protocol, which ``socket.create_server`` leaves open: asyncio switches off the gathering of
    small packets only where it reads TCP there, and each answer would wait 40 ms for the browser's acknowledgement.
    """
    family, kind, protocol, _, address = found
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":  # or the port could not be had again for a minute after the end
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use, perhaps by another annotation page; close that, or choose another --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"--host {host}: not an address of this machine; take 127.0.0.1, or one that it has"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port {port} may not be listened on by this user; choose a --port above 1023"
    return f"{host}, port {port}: {error.strerror}; choose another --host or --port"


def address_of(listener: socket.socket, host: str, token: str | None = None) -> ServerAddress:
    """Return the address of a server that listens on a socket, under the name that the user gave.

    ``token`` is what a browser has to send; None: a random one on any address but this machine's own, and there none.
    """
    address, port = listener.getsockname()[:2]
    name = socket.gethostname() if ip_address(address).is_unspecified else host
    return ServerAddress.of(name, address, port, token)


def serve(app: FastAPI, listener: socket.socket, server_address: ServerAddress, ready: Callable[[], None]) -> None:
    """Answer requests until the user presses Ctrl-C; ``ready`` is called as soon as there are answers."""
    with suppress(KeyboardInterrupt):  # raised once more, when all has ended well
        PageServer(app, server_address, ready).run(sockets=[listener])


def open_browser(address: str) -> None:
    """Open the page in the user's browser, if there is one; some don't come back before they are closed."""
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class PageServer(uvicorn.Server):
    """A server that ends its event streams when it ends, which they would keep from it for ever.

    Parameters
    ----------
    app : of ``create_app``
    server_address : where it listens
    ready : called, in the event loop, as soon as there are answers
    """

    def __init__(self, app: FastAPI, server_address: ServerAddress, ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            Guard(app, server_address),
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            ws="none",
            lifespan="on",
            http=PunctualProtocol,
            timeout_keep_alive=KEPT_ALIVE_S,
            timeout_graceful_shutdown=PATIENCE_S,
        )
        super().__init__(config)
        self._app, self._ready = app, ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests, and end."""
        end_streams(self._app)
        await super().shutdown(sockets)
