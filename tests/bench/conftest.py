"""A real service on a database of its own, started as an operator starts it."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

from backend.core import embedded
from tests.bench.load import Connection

ROOT = Path(__file__).resolve().parents[2]
SERVICE = ("backend.cli", "serve")


@dataclass(frozen=True)
class Service:
    """A running service."""

    port: int
    pid: int

    def connect(self) -> Connection:
        """Open a connection that is kept."""
        return Connection("127.0.0.1", self.port)


Serve = Callable[..., AbstractContextManager[Service]]


@pytest.fixture(scope="session")
def database(run_folder: Path) -> str:
    """Start an embedded server as the service would; return its address."""
    return embedded.start(run_folder)


@pytest.fixture(scope="session")
def serve(database: str, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Return a context manager that runs the service with some number of processes."""
    data_dir = tmp_path_factory.mktemp("data")

    @contextmanager
    def run(
        processes: int = 1, port: int = 8110, database: str = database, command: tuple[str, ...] = SERVICE
    ) -> Iterator[Service]:
        environment = os.environ | {
            "GREEN_ENV": "test",
            "GREEN_DATABASE_URL": database,
            "GREEN_DATA_DIR": str(data_dir),
            "GREEN_PORT": str(port),
            "GREEN_METRICS_PORT": "0",
            "GREEN_PROCESSES": str(processes),
            "GREEN_INLINE_WORKER": "false",
            "GREEN_LOG_LEVEL": "WARNING",
        }
        server = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment)
        try:
            _wait(port)
            yield Service(port, server.pid)
        finally:
            server.terminate()
            server.wait(30)

    return run


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise TimeoutError("the service did not start")
