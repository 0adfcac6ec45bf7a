"""The path getter: every spelling of a record gives the same values, and nothing is found that is not there."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.sources.document import Document, fold, member

RECORD: dict[str, Any] = {
    "id": "e1",
    "callerIp": "203.0.113.9",
    "actor": {"alternateId": "ann", "groups": ["a", "b"], "active": True},
    "count": 3,
    "@timestamp": "2024-05-01T10:00:00Z",
    "nothing": None,
    "empty": "",
}


def spelt(record: dict[str, Any], how: str) -> dict[str, Any]:
    match how:
        case "lower":
            return {key.lower(): value for key, value in record.items()}
        case "snake":
            return {"caller_ip" if key == "callerIp" else key: value for key, value in record.items()}
        case "flat":
            flat = {key: value for key, value in record.items() if key != "actor"}
            return flat | {f"actor.{key}": value for key, value in record["actor"].items()}
        case "text":
            return record | {"actor": json.dumps(record["actor"])}
        case "panther":
            return {key.replace("@", "at_sign_"): value for key, value in record.items()}
    return record


def test_every_spelling_gives_the_same() -> None:
    for how in ("native", "lower", "snake", "flat", "text", "panther"):
        fields = Document(spelt(RECORD, how))
        assert fields.text("id") == "e1"
        assert fields.text("callerIp", "ip") == "203.0.113.9"
        assert fields.text("actor.alternateId") == "ann"
        assert fields.texts_at("actor.groups") == ["a", "b"]
        assert fields.flag("actor.active") is True
        assert fields.number("count") == 3
        assert fields.text("@timestamp") == "2024-05-01T10:00:00Z"
        assert not fields.has("nothing", "empty", "actor.nobody", "nowhere.at.all")
        assert fields.odd == {}


def test_what_is_of_another_kind_is_noted_and_passed_over() -> None:
    fields = Document({"a": {"b": 1}, "n": "many", "f": "perhaps"})
    assert fields.text("a") is None
    assert fields.number("n") is None
    assert fields.flag("f") is None
    assert list(fields.odd) == ["a is not a text", "n is not a number", "f is not true or false"]


def test_elements_are_taken_by_number() -> None:
    fields = Document({"list": [{"x": "first"}, "second"], "text": '["third"]'})
    assert fields.text("list.0.x") == "first"
    assert fields.text("list.1") == "second"
    assert fields.text("list.2", "list.x") is None
    assert fields.text("text.0") == "third"


def test_an_exact_spelling_wins() -> None:
    assert Document({"USER": "other", "user": "exact"}).text("user") == "exact"
    assert member({"USER": "other"}, "user") == "other"
    assert member({"a.b/c-d": 1}, "a.b/c-d") == 1
    assert member("no object", "a") is None


NAMES = st.text(alphabet="aB_- .@/é", min_size=1, max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def naive(value: object, steps: list[str]) -> bool:
    """Whether a value can be reached by the steps at all, in any spelling."""
    if not steps:
        return value is not None and value != ""
    if isinstance(value, dict):
        return any(naive(below, steps[1:]) for key, below in value.items() if fold(key) == fold(steps[0]))
    if isinstance(value, list) and steps[0].isdecimal():
        return int(steps[0]) < len(value) and naive(value[int(steps[0])], steps[1:])
    return False


@given(st.dictionaries(NAMES, VALUES, max_size=5), st.lists(NAMES, min_size=1, max_size=3))
def test_nothing_is_found_that_is_not_there(record: dict[str, object], steps: list[str]) -> None:
    path = ".".join(steps)
    if Document(record).has(path):
        flat = any(fold(key) == fold(path) for key in record)
        assert flat or naive(record, path.split("."))
