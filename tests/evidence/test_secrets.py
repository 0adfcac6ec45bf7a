from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.secrets import mask

MARKER = re.compile("‹masked, ([0-9,]+) characters?›")


def nested(value: object, depth: int) -> str:
    """Write a value as JSON in a string of JSON, ``depth`` times."""
    text = json.dumps(value)
    for _ in range(depth):
        text = json.dumps({"inner": text, "after": "kept"})
    return text


@pytest.mark.parametrize(
    ("text", "expected", "count"),
    [
        ('{"sessionToken":"abc","x":1}', '{"sessionToken":"‹masked, 3 characters›","x":1}', 1),
        ('{"password" : "a"}', '{"password" : "‹masked, 1 character›"}', 1),
        ('{"masterUserPassword":"hunter2"}', '{"masterUserPassword":"‹masked, 7 characters›"}', 1),
        ('{"webIdentityToken":"abc"}', '{"webIdentityToken":"‹masked, 3 characters›"}', 1),
        ('{"PASSWORD":"abc"}', '{"PASSWORD":"‹masked, 3 characters›"}', 1),
        ('{"password":12345}', '{"password":‹masked, 5 characters›}', 1),
        ('{"password":["a","b"]}', '{"password":["‹masked, 1 character›","‹masked, 1 character›"]}', 2),
        ('{"password":"äöü"}', '{"password":"‹masked, 3 characters›"}', 1),
        ('{"secretString":"{\\"a\\":1}"}', '{"secretString":"‹masked, 9 characters›"}', 1),
        ('{"session\\u0054oken":"abc"}', '{"session\\u0054oken":"‹masked, 3 characters›"}', 1),
        ('{"token":"abc","nextToken":"page"}', '{"token":"‹masked, 3 characters›","nextToken":"page"}', 1),
        ('{"password":"cut of', '{"password":"‹masked, 6 characters›', 1),
        (
            '"password":"a" "password":"b"',
            '"password":"‹masked, 1 character›" "password":"‹masked, 1 character›"',
            2,
        ),
        ("{sessiontoken=abc, x=1}", "{sessiontoken=‹masked, 3 characters›, x=1}", 1),
        (
            "https://b/?X-Amz-Security-Token=a%3D&y=1",
            "https://b/?X-Amz-Security-Token=‹masked, 4 characters›&y=1",
            1,
        ),
    ],
)
def test_secrets_are_replaced_and_nothing_else(text: str, expected: str, count: int) -> None:
    assert mask(text.encode()) == (expected.encode(), count)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain text about a password",
        '{"password":"HIDDEN_DUE_TO_SECURITY_REASONS"}',
        '{"tokenValue":"Value hidden due to security reasons."}',
        '{"password":"","secret":null,"passwordResetRequired":true,"password":true}',
        '{"password":"****"}',
        '{"a":"password","b":"sessionToken"}',
        '{"password":{"length":8}}',
        '{"clientToken":"x","secretId":"arn:aws:secretsmanager:a:b:secret:c"}',
        '{"subjectFromWebIdentityToken":"repo:acme/web:ref:refs/heads/main","a":"password"}',
        '{"userAgent":"he said \\"password\\" loudly"}',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text.encode()) == (text.encode(), 0)


@given(st.text(min_size=1), st.integers(0, 4), st.sampled_from(["sessionToken", "newPassword", "privateKey"]))
def test_at_any_depth_the_value_is_gone_and_the_rest_unharmed(secret: str, depth: int, name: str) -> None:
    secret = f"S3CR3T{secret}S3CR3T"
    text = nested({"before": 'a"b\\', name: secret, "after": "c"}, depth)
    masked, count = mask(text.encode())
    assert count == 1
    assert b"S3CR3T" not in masked
    value = json.loads(masked)
    for _ in range(depth):
        assert value["after"] == "kept"
        value = json.loads(value["inner"])
    assert MARKER.fullmatch(value.pop(name))
    assert value == {"before": 'a"b\\', "after": "c"}
    assert mask(masked) == (masked, 0)


@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=("Cs", "Cc"))), st.integers(0, 2))
def test_json_in_a_csv_cell(secret: str, depth: int) -> None:
    secret = f"S3CR3T{secret}S3CR3T"
    row = io.StringIO()
    csv.writer(row).writerow(["1", nested({"sessionToken": secret, "after": "c"}, depth), "end"])
    masked, count = mask(row.getvalue().encode())
    assert count == 1
    assert b"S3CR3T" not in masked
    [[first, cell, last]] = csv.reader(io.StringIO(masked.decode()))
    assert (first, last) == ("1", "end")
    value = json.loads(cell)
    for _ in range(depth):
        value = json.loads(value["inner"])
    assert value["after"] == "c"


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    masked, count = mask(data)
    assert count or masked == data
    mask(b'{"password":"' + data)
    mask(data + b'\\\\"password\\\\":\\\\"x')


def test_a_bomb_of_quotes_takes_no_time() -> None:
    for junk in (b'"' * 200_000, b'\\"' * 200_000, b'"password":"' * 20_000, b'"a":' * 100_000):
        mask(junk + b"token")


def test_no_token_of_the_real_set_survives(datasets: Path) -> None:
    count = 0
    for path in sorted((datasets / "invictus-aws").glob("*.json")):
        data = path.read_bytes()
        masked, found = mask(data)
        count += found
        for token in re.findall(rb'"sessionToken":"([^"]+)"', data):
            assert token not in masked
        # Only values changed: the records still parse and hold the same keys.
        before, after = json.loads(data)["Records"], json.loads(masked)["Records"]
        assert [list(record) for record in before] == [list(record) for record in after]
    assert count == 36
