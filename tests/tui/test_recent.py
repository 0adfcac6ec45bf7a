from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.tui.recent import Recent

acts = st.lists(
    st.tuples(st.sampled_from(["put", "get", "discard"]), st.integers(0, 6), st.integers(1, 99)), max_size=80
)


@given(acts, st.integers(1, 5))
def test_it_keeps_what_was_used_last(acts: list[tuple[str, int, int]], size: int) -> None:
    recent: Recent[int, int] = Recent(size)
    model: list[tuple[int, int]] = []  # least recently used first
    for act, key, value in acts:
        held = dict(model).get(key)
        rest = [pair for pair in model if pair[0] != key]
        if act == "put":
            recent.put(key, value)
            model = [*rest, (key, value)][-size:]
        elif act == "discard":
            recent.discard(key)
            model = rest
        else:
            assert recent.get(key) == held
            if held is not None:
                model = [*rest, (key, held)]
        assert len(recent) == len(model)
    recent.clear()
    assert len(recent) == 0
