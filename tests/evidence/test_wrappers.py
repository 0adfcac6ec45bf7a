from __future__ import annotations

import json

import pytest
from hypothesis import given

from tests.evidence.contents import values
from workbench.evidence.wrappers import unwrap

EVENT = {"eventVersion": "1.08", "eventName": "GetSecretValue", "message": '{"not":"an event"}'}
TEXT = json.dumps(EVENT)
OTHER = {"eventVersion": "1.08", "eventName": "Decrypt"}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (EVENT, ""),
        ({"_index": "logs", "_source": EVENT}, "_source"),
        ({"_source": {"event": {"original": TEXT}, "message": "{}"}}, "_source.event.original"),
        ({"event": {"original": TEXT, "action": "x"}}, "event.original"),
        ({"event.original": TEXT}, "event.original"),
        ({"_raw": TEXT, "_time": "1"}, "_raw"),
        ({"preview": False, "result": {"_raw": TEXT}}, "result._raw"),
        ({"preview": False, "result": EVENT}, "result"),
        ({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": EVENT}, "detail"),
        ({"EventId": "1", "CloudTrailEvent": TEXT}, "CloudTrailEvent"),
        ({"id": "1", "timestamp": 1, "message": TEXT}, "message"),
        ({"@timestamp": "t", "@message": TEXT}, "@message"),
        (
            {"category": "kube-audit", "operationName": "x", "properties": {"log": TEXT, "pod": "p"}},
            "properties.log",
        ),
        ({"category": "kube-audit-admin", "properties": {"log": EVENT}}, "properties.log"),
        ({"Category": "kube-audit", "Properties": json.dumps({"log": TEXT})}, "properties.log"),
        ({"Category": "kube-audit", "log_s": TEXT}, "log_s"),
        ({"CreationDate": "t", "AuditData": TEXT}, "AuditData"),
        ({"AuditData": EVENT}, "AuditData"),
        ({"Records": [EVENT]}, "Records[]"),
        (
            {"_source": {"message": json.dumps({"detail-type": "x", "detail": EVENT})}},
            "_source.message.detail",
        ),
        ({"message": json.dumps({"Records": [EVENT]})}, "message.Records[]"),
    ],
)
def test_the_innermost_event_is_found(document: dict, path: str) -> None:
    (found,) = unwrap(document)
    assert (found.index, found.document, found.path) == (0, EVENT, path)


def test_several_events_in_a_record_are_numbered() -> None:
    document = {
        "_raw": json.dumps({"logEvents": [{"message": TEXT}, {"message": json.dumps([EVENT, OTHER])}, OTHER]})
    }
    found = unwrap(document)
    assert [each.index for each in found] == [0, 1, 2, 3]
    assert [each.document for each in found] == [EVENT, EVENT, OTHER, OTHER]
    assert found[2].path == "_raw.logEvents[].message[]"


def test_rows_of_log_analytics_become_objects() -> None:
    tables = [
        {
            "name": "PrimaryResult",
            "columns": [{"name": "A", "type": "string"}, {"name": "B"}],
            "rows": [["1", 2], ["3", None]],
        },
        {"TableName": "Table_0", "Columns": [{"ColumnName": "A"}], "Rows": [["4"]]},
    ]
    found = unwrap({"tables": tables})
    assert [each.document for each in found] == [{"A": "1", "B": 2}, {"A": "3", "B": None}, {"A": "4"}]
    assert [each.index for each in found] == [0, 1, 2]
    assert {each.path for each in found} == {"tables[].rows[]"}


@pytest.mark.parametrize(
    "document",
    [
        {"tables": [{"columns": [{"name": "A"}], "rows": [["1", "2"]]}]},
        {"tables": [{"columns": ["A"], "rows": [["1"]]}]},
        {"tables": [{"columns": [{"name": "A"}], "rows": [["1"], "2"]}]},
        {"tables": ["users", "orders"]},
        {"tables": [{"columns": [{"name": "A"}], "rows": []}]},
        {"category": "guard", "properties": {"log": TEXT}},
        {"category": "kube-audit", "properties": {"log": '{"kind":"Event","verb":"ge'}},
        {"category": ["kube-audit"], "properties": {"log": TEXT}},
        {"message": "plain text"},
        {"message": "{broken"},
        {"message": "[1, 2]"},
        {"message": "3"},
        {"_source": "text"},
        {"_source": {}},
        {"event": {"original": "<134>syslog"}},
        {"event": "text"},
        {"detail": EVENT},
        {"result": {"status": "ok"}, "actor": {}},
        {"Records": [EVENT, 3]},
        {"Records": []},
        {"data": [{"a": 1}], "eventName": "n"},
        {"kind": "admin#reports#activity", "actor": {}, "events": [{"name": "n"}]},
        {"eventName": "n", "message": TEXT},
        {"CloudTrailEvent": "[" * 100_000},
    ],
)
def test_what_is_no_wrapper_stays_as_it_is(document: dict) -> None:
    (found,) = unwrap(document)
    assert found.document is document
    assert found.path == ""


def test_wrappers_are_taken_off_to_the_depth_asked_for() -> None:
    document: dict = EVENT
    for _ in range(9):
        document = {"_source": document}
    (found,) = unwrap(document)
    assert found.path == ".".join(["_source"] * 5)
    assert unwrap(document, max_depth=9)[0].document == EVENT


@given(values)
def test_any_value_is_unwrapped_without_error(value: object) -> None:
    for place, found in enumerate(unwrap(value)):
        assert found.index == place
        assert isinstance(found.document, dict)
