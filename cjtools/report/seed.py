"""A process that was forked ahead, with all that a kernel needs, and waits to be told that it is one."""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Threads that libraries start when they are imported, and that know what a fork is: jemalloc and OpenBLAS take care of
# it themselves, and polars' cleaner of spilled files waits for work that a kernel that was just forked never gave it.
HARMLESS = {"jemalloc_bg_thd", "polars-ooc-clea"}
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG
MOST_FILES = 2**16
# Whether the process that this one was forked from had no threads that a copy lacks: the copy cannot see them.
IS_SAFE = True


class Seed:
    """A process that was forked before anything of a client was there, and waits to be told that it is the kernel.

    It is used once. What launches kernels sees it as it sees a Popen.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int, pipe: int) -> None:
        """Take the process and the end of the pipe that it reads."""
        self.pid, self.pipe, self.code = pid, pipe, None

    code: int | None

    def tell(self, arguments: list[str]) -> None:
        """Make it the kernel of these arguments."""
        os.write(self.pipe, json.dumps(arguments).encode())
        os.close(self.pipe)
        self.pipe = -1

    def drop(self) -> None:
        """End it if it was never told to be a kernel; who was is ended by those who run it."""
        if self.pipe >= 0:
            os.close(self.pipe)
            self.pipe = -1
            self.kill()
            self.wait()

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.code is None:
            self.code = exit_code(self.pid, os.WNOHANG)
        return self.code

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        if self.code is None:
            self.code = exit_code(self.pid, 0)
        return self.code or 0

    def send_signal(self, number: int) -> None:
        """Send a signal while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def exit_code(pid: int, options: int) -> int | None:
    """Return the exit code of a child, or None when it runs still; one that somebody else has waited for is gone."""
    try:
        done, status = os.waitpid(pid, options)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if done else None


def may_fork() -> bool:
    """Say whether a copy of this process would work: Linux, and no thread that a copy would lack."""
    if sys.platform != "linux" or not IS_SAFE or threading.active_count() > 1:
        return False
    tasks = Path("/proc/self/task")
    own = (tasks / str(os.getpid()) / "comm").read_text()
    return all((task / "comm").read_text() in {own, *(f"{name}\n" for name in HARMLESS)} for task in tasks.iterdir())


def plant(warm: Callable[[], object]) -> Seed | None:
    """Fork the kernel of one report ahead of it, or return None where a kernel must be started anew.

    `warm` imports what a kernel needs, in the copy, while the caller goes on.
    """
    if not may_fork():
        return None
    sys.stdout.flush()
    sys.stderr.flush()
    gc.freeze()  # what is there is shared by both; the collector must not touch and thereby copy it
    parent = os.getpid()
    reads, writes = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python counts the threads of HARMLESS too
        pid = os.fork()
    if pid == 0:
        be_kernel(reads, parent=parent, warm=warm)
    os.close(reads)
    return Seed(pid, writes)


def be_kernel(pipe: int, *, parent: int, warm: Callable[[], object]) -> None:
    """Run in the copy: get ready, wait for the arguments, be the kernel until it is shut down; never return."""
    code = 1
    try:
        let_go_of(pipe, parent=parent)
        warm()
        arguments = json.loads(read_all(pipe) or b"null")
        if arguments is not None:
            from ipykernel.kernelapp import IPKernelApp

            app: Any = IPKernelApp.instance(parent_handle=parent)
            app.initialize(arguments)
            app.start()
            atexit._run_exitfuncs()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def let_go_of(pipe: int, *, parent: int) -> None:
    """Leave what belongs to the parent: its open files, its terminal; and end when it ends."""
    os.closerange(3, pipe)
    os.closerange(pipe + 1, MOST_FILES)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.setsid()
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def read_all(pipe: int) -> bytes:
    """Return what is written to a pipe until it is closed."""
    with os.fdopen(pipe, "rb") as file:
        return file.read()
