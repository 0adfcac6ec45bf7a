"""Snapshots are told from logs, and nothing else is taken for one."""

from __future__ import annotations

from workbench.model.evidence import Disposition
from workbench.sources.protocol import Context
from workbench.sources.snapshot import SnapshotReader

CONFIG_ITEM = {
    "configurationItemCaptureTime": "2026-03-01T10:00:00.000Z",
    "resourceType": "AWS::IAM::Role",
    "resourceName": "r",
}
BINDING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "b", "namespace": "n"},
    "subjects": [],
}
STATE = {"version": 4, "terraform_version": "1.9.0", "resources": []}
USER = {"User": {"UserName": "u", "Arn": "arn:aws:iam::111122223333:user/u"}}


def test_forms_are_named() -> None:
    reader = SnapshotReader()
    for document in (CONFIG_ITEM, BINDING, STATE, USER):
        reading = reader.read(document, Context())
        assert reading.disposition is Disposition.SNAPSHOT
        assert reading.reason == reader.recognises(document) != ""


def test_logs_are_no_snapshots() -> None:
    reader = SnapshotReader()
    for document in (
        {"kind": "Event", "apiVersion": "audit.k8s.io/v1", "metadata": {"name": "x"}},
        {"eventSource": "iam.amazonaws.com", "eventName": "GetRole"},
        {"User": "jdoe", "action": "login"},
        {"Role": {"name": "x"}},
        {"resources": [], "version": 1},
    ):
        assert reader.recognises(document) == ""
