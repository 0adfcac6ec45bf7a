from __future__ import annotations

import contextlib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MappingError
from workbench.sources.mapping import MAPPING_HELP, read_mapping
from workbench.sources.mapping.guide import EXAMPLE

LINES = """
[mapping]
name = "gate"
version = 1
title = "Gate"

[recognise]
line = '(?P<when>[^ ]+ [^ ]+) gate: (?P<rest>.*)'

[time]
path = "when"
zone = "UTC"

[act]
service = { is = "gate" }
action = "rest"
"""


def without(table: str) -> str:
    """Return the example without a table."""
    head, _, tail = EXAMPLE.partition(f"[{table}]")
    return head + "[" + tail.partition("\n[")[2]


def test_the_example_of_the_help_is_a_mapping() -> None:
    assert EXAMPLE in MAPPING_HELP
    reader = read_mapping(EXAMPLE)
    assert (reader.source, reader.version, reader.title) == ("mapping.acme-vpn", 1, "ACME VPN gateway")
    assert reader.checked_against == ""
    assert reader.text == EXAMPLE
    assert max(map(len, MAPPING_HELP.splitlines())) <= 120


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mapping\n", ("acme.toml is no TOML", "line 1")),
        (EXAMPLE.replace('"acme-vpn" ', '"ACME VPN" '), ("line 2, mapping.name", "matching regex")),
        (EXAMPLE.replace("version = 1 ", 'version = "1" '), ("line 3, mapping.version", "expected `int`")),
        (
            EXAMPLE.replace("version = 1 ", "verson = 1 "),
            ("line 3, mapping.verson", "no such key", "version"),
        ),
        (EXAMPLE.replace("[outcome]", "[outcom]"), ("outcom", "no such key", "outcome")),
        (without("time"), ("required field `time`",)),
        (
            EXAMPLE.replace('logout = "auth', 'logout = "outh'),
            ("act.verb.table", "invalid enum value 'outhenticate'"),
        ),
        (EXAMPLE.replace('otherwise = "undecided"', 'otherwise = "robot"'), ("identity.kind", "'robot'")),
        (EXAMPLE.replace('zone = "Europe/Vienna"', 'zone = "Mars/Dome"'), ("time.zone", "no zone Mars/Dome")),
        (EXAMPLE.replace('format = "auto"', 'format = "iso"'), ("time.format", "no format", "epoch seconds")),
        (EXAMPLE.replace('format = "auto"', 'format = "%H:%M"'), ("time.format", "without a year")),
        (EXAMPLE.replace('format = "auto"', 'format = "%Y %Z"'), ("time.format", "%Z")),
        (EXAMPLE.replace('format = "auto"', 'format = "%Y %Q"'), ("time.format", "%Q")),
        (
            EXAMPLE.replace('{ is = "vpn" }', '{ is = "vpn", path = "x" }'),
            ("act.service", "a literal has nothing"),
        ),
        (EXAMPLE.replace('{ is = "vpn" }', "{ }"), ("act.service", "neither a literal nor a path")),
        (EXAMPLE.replace('reason = "mfa is', '# "mfa is'), ("identity.kind", "without a reason")),
        (EXAMPLE + "[[resources]]\nnam = 'x'\n", ("resources[1].nam", "no such key", "name")),
        (LINES.replace('action = "rest"', 'action = "rst"'), ("act.action", "no group", "did you mean rest")),
        (LINES.replace("[^ ]+ [^ ]+", ".*"), ("recognise.line", "repeat 1")),
        (LINES.replace("[time]", "keys = ['a']\n[time]"), ("recognise.line", "no keys")),
        (LINES.replace("line = '", "#"), ("recognise", "nothing tells a record")),
        (
            LINES.replace("'(?P<when>", "['(?P<rest>a)', '(?P<when>").replace("rest>.*)'", "rest>.*)']"),
            ("one name",),
        ),
        ('verb = { path = "x" }', ("line 1, verb", "no such key")),
        (LINES + 'verb = { path = "rest" }\n', ("act.verb", "a path without a table")),
        ("x" * 300_000, ("larger than 256 KiB",)),
    ],
    ids=lambda value: value[-1] if isinstance(value, tuple) else "",
)
def test_an_error_says_where_and_what_to_do(text: str, expected: tuple[str, ...]) -> None:
    with pytest.raises(MappingError) as caught:
        read_mapping(text, "acme.toml")
    message = str(caught.value)
    assert message.startswith("acme.toml")
    assert caught.value.remedy
    for part in expected:
        assert part in message


def test_the_line_of_a_key_is_the_right_one() -> None:
    for number, line in enumerate(EXAMPLE.splitlines(), start=1):
        key = line.partition("=")[0].strip()
        if "=" not in line or line.startswith(" "):
            continue
        broken = EXAMPLE.splitlines()
        broken[number - 1] = f"{key}x = 1"
        with pytest.raises(
            MappingError, match=rf"line {number}, .*{key}x: there is no such key|required field"
        ):
            read_mapping("\n".join(broken), "acme.toml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-5, 5) | st.text("a.$%[({", max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["is", "path", "table", "x"]), inner)
        ),
        max_leaves=6,
    ),
    st.sampled_from(
        ["mapping", "recognise", "time", "act", "identity", "credential", "resources", "outcome", "ids"]
    ),
    st.sampled_from(
        ["", "name", "version", "line", "keys", "equal", "path", "format", "zone", "verb", "action", "id"]
    ),
)
def test_no_file_raises_anything_but_a_mapping_error(value: object, table: str, key: str) -> None:
    data = tomllib.loads(EXAMPLE)
    if key and isinstance(data.get(table), dict):
        data[table][key] = value
    else:
        data[table] = value
    with contextlib.suppress(MappingError):
        read_mapping(_toml(data))


def _toml(value: object) -> str:
    """Write a document as inline TOML: enough for what the tests make."""
    if isinstance(value, dict):
        inside = ", ".join(
            f"{_toml(str(key))} = {_toml(each)}" for key, each in value.items() if each is not None
        )
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value if each is not None) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower()
