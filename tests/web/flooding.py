"""Two attackers in a process of their own: `python -m tests.web.flooding PORT SECONDS` says when they have begun.

Apart from whoever measures, so that what is measured is the server and not this interpreter's lock.
"""

from __future__ import annotations

import sys
import threading
import time

from tests.web.wire import connect, flood, request

MIB = 1_048_576
PIECE = b"a" * MIB
CHUNK = b"%x\r\n" % len(PIECE) + PIECE + b"\r\n"
CHUNKED = request("/api/json", "Content-Type: application/json", "Transfer-Encoding: chunked", method="POST")


begun = threading.Event()


def attack(port: int, until: float) -> None:
    """Endless bodies, one after the other, until then."""
    while time.monotonic() < until:
        with connect(port) as sock:
            sock.sendall(CHUNKED + CHUNK)
            begun.set()
            flood(sock, CHUNK, 300, seconds=until - time.monotonic())


if __name__ == "__main__":
    end = time.monotonic() + float(sys.argv[2])
    threads = [threading.Thread(target=attack, args=(int(sys.argv[1]), end)) for _ in range(2)]
    for thread in threads:
        thread.start()
    begun.wait()
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    for thread in threads:
        thread.join()
