"""A dask cluster of two processes on the loopback, as an executor: `--executor loopback:executor`."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Any


class Loopback:
    """dask's executor, which takes its cluster with it when it is let go."""

    def __init__(self) -> None:
        from distributed import Client, LocalCluster

        # Nothing of the tests' own folder is needed on the workers; each makes one report at a time.
        self.cluster: Any = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
        self.client: Any = Client(self.cluster)
        self.executor: Executor = self.client.get_executor(pure=False)

    def submit(self, *given: Any) -> Any:
        return self.executor.submit(*given)

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.cluster.close()


def executor() -> Loopback:
    return Loopback()
