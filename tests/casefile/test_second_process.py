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


def counted(tell: Callable[[int], None], case: Path, through: int, _: bytes = b"") -> bytes:
    for number in range(1, through + 1):
        tell(number)
    return f"{case} {through} {os.getpid()}".encode()


def failing(_: Callable[[int], None], case: Path) -> bytes:
    raise ValueError(f"no such thing in {case}")


def sleeping(_: Callable[[int], None], case: Path, seconds: int) -> bytes:
    time.sleep(seconds)
    return b""


def process_of(told: bytes | None) -> int:
    assert told is not None
    return int(told.split()[-1])


def test_it_answers_one_thing_after_another() -> None:
    with second_process(CASE) as second:
        answers = [(through, second.ask(counted, through)) for through in (3, 5)]
        for through, answer in answers:
            told = answer.wait()
            assert (told or b"").startswith(f"a.case {through} ".encode())
            assert process_of(told) != os.getpid()
            assert answer.done == through
            assert answer.wait() == told


def test_one_that_fails_answers_nothing_then_or_later(capfd: pytest.CaptureFixture[str]) -> None:
    with second_process(CASE) as second:
        first, later = second.ask(failing), second.ask(counted, 1)
        assert later.wait() is None
        assert first.wait() is None
        assert second.ask(counted, 1).wait() is None
    assert capfd.readouterr() == ("", "")


def test_one_that_is_killed_answers_nothing() -> None:
    with second_process(CASE) as second:
        process = process_of(second.ask(counted, 1).wait())
        answer = second.ask(sleeping, 60)
        os.kill(process, signal.SIGKILL)
        assert answer.wait() is None
        assert second.ask(counted, 1).wait() is None


def test_much_can_be_asked_while_it_works() -> None:
    """More than a pipe holds: this process goes on."""
    with second_process(CASE) as second:
        first = second.ask(sleeping, 1)
        began = time.monotonic()
        second.ask(counted, 1, b"x" * 10_000_000)
        assert time.monotonic() - began < 0.9
        assert first.wait() == b""


def test_giving_up_ends_it() -> None:
    class GivenUpError(Exception):
        pass

    def give_up() -> None:
        raise GivenUpError

    processes: list[int] = []

    def work() -> None:
        with second_process(CASE) as second:
            processes.append(process_of(second.ask(counted, 1).wait()))
            second.ask(sleeping, 60).wait(give_up)

    with pytest.raises(GivenUpError):
        work()
    with pytest.raises(ProcessLookupError):
        os.kill(processes[0], 0)


def test_without_one_nothing_is_answered() -> None:
    second = SecondProcess(None, CASE)
    answer = second.ask(counted, 1)
    assert answer.wait() is None
    assert answer.done == 0
    second.end()
