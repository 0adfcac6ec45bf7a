"""A second process: it answers, tells how far it is, and where it cannot, that is told by no answer."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.casefile.second_process import SecondProcess, second_process

CASE = Path("a.case")


def counted(tell: Callable[[int], None], case: Path, through: int) -> bytes:
    for number in range(1, through + 1):
        tell(number)
    return f"{case} {through} {os.getpid()}".encode()


def failing(_: Callable[[int], None], case: Path) -> bytes:
    raise ValueError(f"no such thing in {case}")


def sleeping(_: Callable[[int], None], case: Path, seconds: int) -> bytes:
    time.sleep(seconds)
    return b""


def test_it_answers_one_thing_after_another() -> None:
    with second_process(CASE) as second:
        for through in (3, 5):
            second.ask(counted, through)
            name, told, process = (second.answer() or b"").decode().split()
            assert (name, told) == ("a.case", str(through))
            assert int(process) != os.getpid()
            assert second.done == through


def test_one_that_fails_answers_nothing_then_or_later(capfd: pytest.CaptureFixture[str]) -> None:
    with second_process(CASE) as second:
        second.ask(failing)
        assert second.answer() is None
        second.ask(counted, 1)
        assert second.answer() is None
    assert capfd.readouterr() == ("", "")


def test_one_that_is_killed_answers_nothing() -> None:
    with second_process(CASE) as second:
        second.ask(counted, 1)
        process = int((second.answer() or b"").split()[-1])
        second.ask(sleeping, 60)
        os.kill(process, signal.SIGKILL)
        assert second.answer() is None


def test_giving_up_ends_it() -> None:
    class GivenUpError(Exception):
        pass

    def give_up() -> None:
        raise GivenUpError

    processes: list[int] = []

    def work() -> None:
        with second_process(CASE) as second:
            second.ask(counted, 1)
            processes.append(int((second.answer() or b"").split()[-1]))
            second.ask(sleeping, 60)
            second.answer(give_up)

    with pytest.raises(GivenUpError):
        work()
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0], 0)


def test_without_one_nothing_is_answered() -> None:
    second = SecondProcess(None, CASE)
    second.ask(counted, 1)
    assert second.answer() is None
    assert second.done == 0
