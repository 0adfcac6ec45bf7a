"""Copies of an event are told from alterations of it, whatever clothes they come in."""

from __future__ import annotations

import csv
import io
import json

import pytest

from workbench.evidence.csv_rows import columns_as_text
from workbench.evidence.pieces import Shape, ShapeKind
from workbench.sources.comparison import Leaves, is_part_of, leaves_of_record

EVENT = {
    "eventVersion": "1.08",
    "userIdentity": {
        "type": "IAMUser",
        "arn": "arn:aws:iam::111122223333:user/ann",
        "accountId": "111122223333",
    },
    "eventTime": "2026-03-04T10:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "CreateUser",
    "awsRegion": "us-east-1",
    "sourceIPAddress": "192.0.2.7",
    "requestParameters": {"userName": "bob", "tags": [{"key": "a", "value": "b"}]},
    "responseElements": None,
    "readOnly": False,
    "eventID": "0bdf2b9c-2cf9-40dd-a88b-0148e08e5a75",
    "eventType": "AwsApiCall",
}


def leaves(document: object, *, encoding: str = "utf-8", columns: str | None = None) -> Leaves:
    data = document if isinstance(document, bytes) else json.dumps(document).encode(encoding)
    return leaves_of_record(data, encoding=encoding, csv=columns, part=0, source="aws.cloudtrail")


def same(one: Leaves, other: Leaves) -> bool:
    return is_part_of(one, other) and is_part_of(other, one)


@pytest.mark.parametrize(
    "copy",
    [
        dict(reversed(EVENT.items())),
        {"CloudTrailEvent": json.dumps(EVENT), "EventId": "x"},
        {"_source": {"event": {"original": json.dumps(EVENT)}}},
        {"detail-type": "AWS API Call via CloudTrail", "detail": EVENT},
        {**EVENT, "p_log_type": "AWS.CloudTrail", "p_row_id": "1", "@version": "1"},
        {key: value for key, value in EVENT.items() if value is not None},
    ],
)
def test_the_same_event_in_other_clothes(copy):
    assert same(leaves(copy), leaves(EVENT))


def test_the_same_event_in_utf16():
    assert same(leaves(EVENT, encoding="utf-16-le"), leaves(EVENT))


def test_the_same_event_as_a_row_of_a_table():
    out = io.StringIO()
    names = [name.lower() for name in EVENT]
    cells = [
        value if isinstance(value, str) else "" if value is None else json.dumps(value)
        for value in EVENT.values()
    ]
    csv.writer(out, lineterminator="").writerow(cells)
    columns = columns_as_text(Shape(ShapeKind.CSV, columns=tuple(names), delimiter=","))
    assert same(leaves(out.getvalue().encode(), columns=columns), leaves(EVENT))


@pytest.mark.parametrize(
    "path",
    [
        ("sourceIPAddress",),
        ("requestParameters", "userName"),
        ("userIdentity", "arn"),
        ("eventTime",),
        ("readOnly",),
    ],
)
def test_any_altered_value_is_a_difference(path):
    altered = json.loads(json.dumps(EVENT))
    place = altered
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = "altered"
    assert not is_part_of(leaves(altered), leaves(EVENT))


def test_a_poorer_copy_is_part_of_the_richer_one_and_not_the_other_way_round():
    poorer = {key: value for key, value in EVENT.items() if key != "requestParameters"}
    assert is_part_of(leaves(poorer), leaves(EVENT))
    assert not is_part_of(leaves(EVENT), leaves(poorer))
