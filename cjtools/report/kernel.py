"""The kernel of one report: a fresh process each time, forked from one that has all it needs, or started anew."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from cjtools.report.seed import Seed


class Provisioner(LocalProvisioner):
    """Takes the seed for the first start of the kernel; later ones are processes of their own."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Return how to connect to the kernel that was started."""
        manager: Any = self.parent
        seed, manager.seed = manager.seed, None
        if seed is None or seed.poll() is not None:
            info = await super().launch_kernel(cmd, **kwargs)
        else:
            seed.tell(cmd[cmd.index("-f") :])
            self.process, self.pid, self.pgid = seed, seed.pid, seed.pid
            info = self.connection_info
        manager.started(self.pid)
        return info


class LocalKernelManager(AsyncKernelManager):
    """Starts this very Python as the kernel, whatever kernels the machine has registered, over a local socket."""

    seed: Seed | None = None
    started: Callable[[int], None] = staticmethod(lambda pid: None)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command of the kernel; --log-level keeps its warnings off the terminal.

        A command of the shell that fails is an error as any other: `!false` must not look like success.
        """
        more = ["--log-level=50", "--InteractiveShell.system_raise_on_error=True", *(extra_arguments or [])]
        return [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file, *more]

    async def _async_pre_start_kernel(self, **kw: Any) -> Any:
        """Choose who starts the kernel, then do as always."""
        if self.provisioner is None:
            self.kernel_id = self.kernel_id or kw.pop("kernel_id", str(uuid.uuid4()))
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kw)
