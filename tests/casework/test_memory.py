"""What work with many objects changes for the whole process is put back."""

from __future__ import annotations

import gc

import pytest

from workbench.casework.memory import garbage_kept, garbage_rarely, keep_freed_memory


def test_garbage_is_looked_for_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with pytest.raises(AssertionError, match="looked for rarely"), garbage_rarely():
        assert gc.get_threshold() == before, "looked for rarely"
    assert gc.get_threshold() == before
    with pytest.raises(AssertionError, match="not looked for"), garbage_kept():
        assert gc.isenabled(), "not looked for"
    assert gc.isenabled()


def test_a_process_goes_on_whatever_its_c_library_is() -> None:
    keep_freed_memory()
    assert bytes(1 << 20) == b"\0" * (1 << 20)
