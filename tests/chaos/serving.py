"""A server on 127.0.0.1 that can be killed and started again a hundred times.

python -m tests.chaos.serving FACTORY PORT PARENT

This process reads the code once and serves nothing. Told `start`, it forks one that serves, and says its
process id; told `wait`, it waits for the end of that one, and says its return code. The import of the
application is all that two servers share: no connection, no socket, no lock.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

from app.web.server import run
from tests.chaos.lifeline import die_with_parent


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _serve(factory: str, port: int, parent: int) -> int:
    """The process id of a new server."""
    pid = os.fork()
    if pid:
        return pid
    try:
        die_with_parent(parent)
        os.dup2(2, 1)  # the pipe on which numbers are said is the parent's
        run(factory, "127.0.0.1", port, log_level="warning", log_json=True)
    except SystemExit as end:
        os._exit(int(end.code or 0))
    except BaseException:  # noqa: BLE001 - a forked child never returns into its parent's code
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def main(factory: str, port: str) -> None:
    """Obey the lines of standard input until it ends."""
    module, _, name = factory.partition(":")
    getattr(import_module(module), name)()  # whatever the first application imports, the next ones have
    pid = 0
    for line in sys.stdin:
        if line.strip() == "start":
            pid = _serve(factory, int(port), os.getpid())
            _say(pid)
        elif line.strip() == "wait":
            _say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            pid = 0
    if pid:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    die_with_parent(int(sys.argv.pop()))
    main(*sys.argv[1:])
