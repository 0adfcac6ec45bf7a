from __future__ import annotations

import functools
import subprocess
from pathlib import Path

import pytest

from tests.adversarial.adding import AddOne, add_to_new_case


@pytest.fixture
def add(tmp_path: Path) -> AddOne:
    """Add bytes or a path to a new case."""
    return functools.partial(add_to_new_case, tmp_path)


@pytest.fixture(scope="session")
def private_mounts() -> None:
    """Skip where a test cannot have a small file system of its own."""
    try:
        probe = subprocess.run(
            ["unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs /mnt"],
            capture_output=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        pytest.skip("there is no unshare")
    if probe.returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
