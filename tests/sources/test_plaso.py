from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evidence.csv_rows import row_values
from workbench.evidence.pieces import Record
from workbench.evidence.split import Splitter
from workbench.model.event import Event, OutcomeStatus, ResourceRole, Verb
from workbench.sources.plaso import PlasoReader
from workbench.sources.protocol import Context

READER = PlasoReader()
CONTEXT = Context()
ENTRY: dict[str, Any] = {
    "__container_type__": "event",
    "data_type": "syslog:line",
    "date_time": {"__class_name__": "TimeElements", "is_local_time": True},
    "display_name": "EXT:/var/log/secure",
    "filename": "/var/log/secure",
    "hostname": "web-1",
    "username": "root",
    "message": "[sshd] Failed password for root from 192.0.2.7 port 50022 ssh2",
    "parser": "syslog",
    "pathspec": {"location": "/var/log/secure", "parent": {"parent": {"location": "/cases/web-1.dd"}}},
    "timestamp": 1688989338250123,
    "timestamp_desc": "Content Modification Time",
}


def read(document: dict[str, Any], context: Context = CONTEXT) -> Event:
    assert READER.recognises(document)
    event = READER.read(document, context).event
    assert event is not None
    return event


def rows(text: str) -> list[dict[str, str]]:
    splitter = Splitter([text.encode()])
    return [row_values(piece.data, splitter.shape) for piece in splitter if isinstance(piece, Record)]


def test_a_whole_entry() -> None:
    event = read(ENTRY)
    assert (event.time.micros, event.time.basis) == (
        1688989338_250_123,
        "timestamp, epoch microseconds (Plaso)",
    )
    assert (event.act.service, event.act.action, event.act.category) == (
        "syslog",
        "Content Modification Time",
        "syslog:line",
    )
    assert (event.act.verb, event.outcome.status) == (Verb.OTHER, OutcomeStatus.UNKNOWN)
    assert event.identity is not None
    assert event.identity.canonical == "root@web-1"
    assert [(each.type, each.name, each.role) for each in event.resources] == [
        ("plaso:description", ENTRY["message"], ResourceRole.TARGET),
        ("plaso:source file", "EXT:/var/log/secure", ResourceRole.SOURCE),
        ("plaso:source file", "/var/log/secure", ResourceRole.SOURCE),
        ("plaso:source image", "/cases/web-1.dd", ResourceRole.SOURCE),
    ]
    assert any("is_local_time" in warning for warning in event.warnings)


@pytest.mark.parametrize("moment", [-62135596800000000, 315532800000000, 253402300799999999])
def test_any_time_of_the_calendar_is_kept(moment: int) -> None:
    assert read({**ENTRY, "timestamp": moment}).time.micros == moment
    assert read({**ENTRY, "timestamp": str(moment)}).time.micros == moment


def test_times_that_are_none() -> None:
    assert read({**ENTRY, "timestamp": 0, "timestamp_desc": "Not a time"}).time.micros is None
    assert read({**ENTRY, "timestamp": 10**30}).time.micros is None
    assert read({**ENTRY, "timestamp": 0}).time.micros == 0


def test_timesketch_csv() -> None:
    found = rows(
        "message,datetime,timestamp,timestamp_desc,data_type\n"
        '"logged in, twice",2023-07-10T11:42:18.250123+00:00,1688989338250123,Event Logged,custom:login\n'
        "odd date,2023-07-10T11-42-18+00:00,1688989338250123,Event Logged,custom:login\n"
    )
    first, second = (read(row) for row in found)
    assert (first.time.micros, first.time.basis) == (1688989338_250_123, "datetime")
    assert first.resources[0].name == "logged in, twice"
    assert second.time.micros == 1688989338_250_123


def test_dynamic_csv() -> None:
    row = rows(
        "datetime,timestamp_desc,source,source_long,message,parser,display_name,tag\n"
        "2023-07-10T13:42:18.250123456+02:00,Last Access Time,FILE,File stat,OS:/srv/x Type: file,filestat,OS:/srv/x,-\n"
    )[0]
    event = read(row)
    assert (event.time.micros, event.time.precision) == (1688989338_250_123, "ns")
    assert (event.act.service, event.act.category) == ("filestat", "File stat")


L2T = "date,time,timezone,MACB,source,sourcetype,type,user,host,short,desc,version,filename,inode,notes,format,extra\n"


def test_l2t_csv() -> None:
    event = read(
        rows(
            L2T + "07/10/2023,11:42:18,UTC,M...,LOG,Cron log,Content Modification Time,root,web-1,Cron ran,"
            "Cron ran: backup,2,OS:/var/log/syslog,0,-,syslog,sha256: x\n"
        )[0]
    )
    assert (event.time.micros, event.time.raw) == (1688989338_000_000, "07/10/2023 11:42:18 UTC")
    assert (event.act.service, event.act.action, event.act.category) == (
        "syslog",
        "Content Modification Time",
        "Cron log",
    )
    assert event.identity is not None
    assert event.identity.canonical == "root@web-1"
    assert [each.name for each in event.resources] == ["Cron ran: backup", "OS:/var/log/syslog"]


@pytest.mark.parametrize(
    ("zone", "micros"),
    [("Europe/Berlin", 1688982138_000_000), ("EST5", None), ("../etc/passwd", None), ("", None)],
)
def test_zones_of_l2t_csv_are_those_of_the_entry(zone: str, micros: int | None) -> None:
    line = (
        f"07/10/2023,11:42:18,{zone},M...,LOG,Log,Content Modification Time,-,-,-,text,2,OS:/x,0,-,syslog,-\n"
    )
    event = read(rows(L2T + line)[0])
    assert event.time.micros == micros
    assert event.identity is None
    if not zone:
        assert read(rows(L2T + line)[0], Context(timezone="UTC")).time.micros == 1688989338_000_000


def test_secrets_in_descriptions_are_no_names() -> None:
    event = read({**ENTRY, "message": "ran: mysql --password=hunter2"})
    assert "hunter2" not in repr(event.resources)


def test_other_documents_are_left_alone() -> None:
    assert READER.recognises({"timestamp_desc": "x"}) == ""
    assert READER.recognises({"message": "x", "timestamp": 1}) == ""


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(
    st.sampled_from([*sorted(ENTRY), "datetime", "MACB", "date", "time", "timezone", "sourcetype"]), anything
)
def test_nothing_raises(key: str, value: object) -> None:
    legacy = dict(zip(L2T.strip().split(","), ["07/10/2023", "11:42:18", "UTC", *["x"] * 14], strict=True))
    for base in (ENTRY, legacy):
        document = {**base, key: value}
        if READER.recognises(document):
            assert READER.read(document, CONTEXT).event is not None
