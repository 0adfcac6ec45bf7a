from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.wrappers import unwrap
from workbench.model.event import Event, OutcomeStatus, Verb
from workbench.sources.linux import JournalReader
from workbench.sources.protocol import Context

READER = JournalReader()
CONTEXT = Context()
KEY = "SHA256:Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5"
BOOT = "0123456789abcdef0123456789abcdef"
ENTRY: dict[str, Any] = {
    "__CURSOR": "s=aa;i=1;b=bb;m=1;t=1;x=1",
    "__REALTIME_TIMESTAMP": "1688989338250123",
    "_BOOT_ID": BOOT,
    "_MACHINE_ID": "fedcba9876543210fedcba9876543210",
    "_HOSTNAME": "web-1",
    "_COMM": "sshd",
    "_EXE": "/usr/sbin/sshd",
    "_PID": "812",
    "_AUDIT_SESSION": "3",
    "_AUDIT_LOGINUID": "1000",
    "SYSLOG_FACILITY": "10",
    "SYSLOG_IDENTIFIER": "sshd",
    "MESSAGE": f"Accepted publickey for jdoe from 192.0.2.7 port 50022 ssh2: ED25519 {KEY}",
}


def read(document: dict[str, Any]) -> Event:
    assert READER.recognises(document)
    event = READER.read(document, CONTEXT).event
    assert event is not None
    return event


def test_a_whole_entry() -> None:
    event = read(ENTRY)
    assert (event.time.micros, event.time.basis) == (
        1688989338_250_123,
        "__REALTIME_TIMESTAMP, epoch microseconds",
    )
    assert event.native_id == ENTRY["__CURSOR"]
    assert (event.act.service, event.act.action, event.act.category) == (
        "sshd",
        "Accepted publickey",
        "authpriv",
    )
    assert event.credential is not None
    assert event.credential.native_id == KEY
    assert event.particulars is not None
    assert [(each.type, each.native_id) for each in event.particulars.used] == [
        ("linux session", "web-1/auid=1000/ses=3"),
        ("linux session of a boot", f"{BOOT}/ses=3"),
    ]
    assert event.particulars.correlation_id == "web-1/pid=812"


def test_the_same_entry_in_other_clothes() -> None:
    expected = read(ENTRY)
    lowered = {key.lower(): value for key, value in ENTRY.items()}
    assert read(lowered) == expected
    wrapped = unwrap({"_index": "logs", "_source": ENTRY})
    assert [each.document for each in wrapped] == [ENTRY]


def test_a_message_of_bytes_is_read() -> None:
    entry = {**ENTRY, "MESSAGE": list(ENTRY["MESSAGE"].encode())}
    assert read(entry) == read(ENTRY)
    broken = {**ENTRY, "MESSAGE": [255, 254, 65]}
    assert read(broken).act.action == "message"


def test_who_writes_under_the_name_of_sshd_is_seen() -> None:
    event = read({**ENTRY, "_COMM": "logger", "_EXE": "/usr/bin/logger"})
    assert event.act.verb is Verb.OTHER
    assert event.outcome.status is OutcomeStatus.UNKNOWN
    assert event.identity is not None
    assert event.identity.canonical == "uid=1000@web-1"
    assert any("logger" in warning for warning in event.warnings)


def test_an_audit_record_in_the_journal() -> None:
    event = read(
        {
            "__REALTIME_TIMESTAMP": "1688989338250123",
            "_BOOT_ID": BOOT,
            "_HOSTNAME": "web-1",
            "_TRANSPORT": "audit",
            "_AUDIT_TYPE": "1112",
            "_AUDIT_TYPE_NAME": "USER_LOGIN",
            "_AUDIT_ID": "4711",
            "MESSAGE": 'USER_LOGIN pid=812 uid=0 auid=1000 ses=3 msg=\'op=login id=1000 exe="/usr/sbin/sshd" '
            "addr=192.0.2.7 terminal=ssh res=success'",
        }
    )
    assert (event.act.action, event.shared_id) == ("USER_LOGIN", f"web-1/{BOOT}/4711")
    assert event.credential is not None
    assert event.credential.native_id == "web-1/auid=1000/ses=3"


def test_a_message_that_names_nobody_is_its_writers() -> None:
    event = read(
        {**ENTRY, "SYSLOG_IDENTIFIER": "myapp", "_COMM": "myapp", "_EXE": "/srv/myapp", "MESSAGE": "done"}
    )
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.native_id) == ("uid=1000@web-1", "1000")
    assert "_AUDIT_LOGINUID" in event.kind.reason


def test_no_session_is_no_credential() -> None:
    entry = copy.deepcopy(ENTRY)
    entry.update(_AUDIT_SESSION="4294967295", MESSAGE="Server listening on 0.0.0.0 port 22.")
    assert read(entry).credential is None


def test_other_documents_are_left_alone() -> None:
    assert READER.recognises({"MESSAGE": "x", "timestamp": 1}) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(ENTRY)), anything)
def test_nothing_raises(key: str, value: object) -> None:
    document = {**ENTRY, key: value}
    if READER.recognises(document):
        assert READER.read(document, CONTEXT).event is not None
