"""A network cable: what goes through it can be slowed down, and it can be pulled."""

from __future__ import annotations

import contextlib
import socket
import threading
import time


class Wire:
    """Forwards TCP from a port of its own on 127.0.0.1 to another.

    `upward` limits bytes a second towards the server, `carried` counts them.
    """

    def __init__(self, to: int) -> None:
        self._to, self.upward, self.carried = to, 0, 0
        self._whole = threading.Event()
        self._whole.set()
        self._open: set[socket.socket] = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._answer, daemon=True).start()

    def cut(self) -> None:
        """Whatever is on its way is gone, and nothing new gets through."""
        self._whole.clear()
        for one in list(self._open):
            self._drop(one)

    def mend(self) -> None:
        """All is as before, at full speed."""
        self.upward = 0
        self._whole.set()

    def close(self) -> None:
        """For good."""
        self.cut()
        self._door.close()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open |= {near, far}
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(4096 if up and self.upward else 65536):
                target.sendall(data)
                self.carried += len(data) if up else 0
                if up and self.upward:
                    time.sleep(len(data) / self.upward)
        self._drop(source)
        self._drop(target)

    def _drop(self, one: socket.socket) -> None:
        self._open.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
