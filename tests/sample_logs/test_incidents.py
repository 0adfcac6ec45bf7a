"""The three incidents of many sources against their ground truth, read by the workbench in both encodings."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import ipaddress
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import ROOT, workbench

SAMPLES = ROOT / "sample_logs"
INCIDENTS = ("harbourline", "tallowmere", "quillbank")
DOCUMENTATION = [ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
SAME = (
    *("source", "service", "action", "category", "verb", "identity", "identity_kind", "credential"),
    *("credential_type", "address", "user_agent", "outcome", "error", "resources", "keys_used", "issued"),
    *("account", "region", "tenant", "changes", "correlation_id", "shared_id", "on_behalf_of", "withheld"),
)

Line = dict[str, Any]
Key = tuple[str, str]


class Incident:
    """One incident: its truth, and what the workbench reads of both encodings."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.home = SAMPLES / name
        self.truth: dict[str, Any] = json.loads((self.home / "truth.json").read_text(encoding="utf-8"))
        self.info: dict[str, dict[str, Any]] = {}
        self.events: dict[str, dict[str, Line]] = {}
        for encoding in ("evidence", "evidence-siem"):
            case = folder / f"{encoding}.case"
            assert workbench("new", case, "--title", name).status == 0
            assert workbench("add", case, self.home / encoding).status == 0
            self.info[encoding] = workbench("info", case, "--json").object
            lines = workbench("events", case, "--json").lines
            self.events[encoding] = {native(line): line for line in lines}
            assert len(self.events[encoding]) == len(lines)

    @property
    def native(self) -> dict[str, Line]:
        return self.events["evidence"]


def native(line: Line) -> str:
    """The id that the truth names an event by."""
    return line["native_id"] or line["request_id"]


def presented(line: Line) -> list[Key]:
    own = [(line["credential_type"], line["credential"])] if line["credential"] else []
    return own + [(key["type"], key["native_id"]) for key in line["keys_used"]]


def issued(line: Line) -> list[Key]:
    return [(each["credential_type"], each["credential"]) for each in line["issued"]]


def forwarded(line: Line) -> bool:
    return "invokedBy" in line["identity_reason"] and ":" in (line["identity"] or "")


def key_of(end: dict[str, Any]) -> Key:
    return end["credential"]["type"], end["credential"]["id"]


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


Load = Callable[[str], Incident]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    return cache(lambda name: Incident(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(scope="module", params=INCIDENTS)
def incident(request: pytest.FixtureRequest, load: Load) -> Incident:
    return load(request.param)


def test_every_record_is_read_and_counted(incident: Incident) -> None:
    digests = sum("Digest" in path.name for path in (incident.home / "evidence").rglob("*"))
    for encoding, info in incident.info.items():
        total = info["total"]
        counts = total["dispositions"]
        assert total["balances"]
        assert total["rejected_ranges"] == total["undated"] == 0
        # A table of Log Analytics is one record that holds many events.
        assert len(incident.events[encoding]) == incident.truth["events"]
        assert total["events"] == incident.truth["events"]
        assert counts["duplicate"] == counts["conflict"] == counts["unrecognised"] == counts["snapshot"] == 0
        assert counts["digest"] == (digests if encoding == "evidence" else 0)
        assert counts["continuation"] == incident.truth["records"] - incident.truth["events"]
        assert not [item for item in info["evidence"] if item["unread"] or item["warnings"]]
        sources = Counter(line["source"] for line in incident.events[encoding].values())
        assert sources == incident.truth["by_source"]
    assert incident.truth["events"] > 1_900
    assert not [
        line for line in incident.native.values() if line["verb"] == "unclassified" or line["warnings"]
    ]


def test_both_encodings_say_the_same(incident: Incident) -> None:
    ours, theirs = incident.events["evidence"], incident.events["evidence-siem"]
    assert ours.keys() == theirs.keys()
    for name, line in ours.items():
        assert {field: line[field] for field in SAME} == {field: theirs[name][field] for field in SAME}, name
        assert moment(line["time"]) == moment(theirs[name]["time"])


def test_the_files_of_both_encodings_differ(incident: Incident) -> None:
    content = {}
    for encoding in ("evidence", "evidence-siem"):
        packed = [path.read_bytes() for path in (incident.home / encoding).rglob("*.gz")]
        content[encoding] = {hashlib.sha256(gzip.decompress(data)).digest() for data in packed}
    assert content["evidence"].isdisjoint(content["evidence-siem"])


def test_whatever_the_truth_names_is_there(incident: Incident) -> None:
    known = {key for line in incident.native.values() for key in (*presented(line), *issued(line))}
    names = {line["identity"] for line in incident.native.values()}
    names |= {resource["name"] for line in incident.native.values() for resource in line["resources"]}
    truth = incident.truth
    ends = [
        each[side]
        for part in ("links", "proven", "decoys")
        for each in truth[part]
        for side in ("from", "to")
    ]
    ends += [rival for link in truth["links"] for rival in link["rivals"]]
    ends += [session["parent"] for session in truth["sessions"]]
    for end in filter(None, ends):
        if "event" in end:
            assert end["event"] in incident.native, end
        elif "credential" in end:
            assert key_of(end) in known, end
        else:
            assert end["identity"] in names, end
    assert all(name in incident.native for gap in truth["gaps"] for name in gap.get("evidence", ()))


def test_proven_is_what_equal_keys_in_the_records_prove(incident: Incident) -> None:
    users = defaultdict(set)
    for name, line in incident.native.items():
        for key in presented(line):
            users[key].add(name)
    found = {
        (name, key): len(users[key] - {name})
        for name, line in incident.native.items()
        for key in issued(line)
    }
    proven = incident.truth["proven"]
    told = {
        (each["from"]["event"], key_of(each["to"])): each["uses"]
        for each in proven
        if each["relation"] == "issued"
    }
    assert told == found
    assert len(told) == sum(each["relation"] == "issued" for each in proven)

    copies = defaultdict(set)
    for name, line in incident.native.items():
        if line["source"] == "aws.cloudtrail" and line["shared_id"]:
            copies[line["shared_id"]].add(name)
    pairs = {frozenset(same) for same in copies.values() if len(same) > 1}
    assert pairs == {
        frozenset((each["from"]["event"], each["to"]["event"]))
        for each in proven
        if each["relation"] == "same_act"
    }
    for each in proven:
        if each["relation"] == "signed_in":
            line = incident.native[each["from"]["event"]]
            assert key_of(each["to"]) in presented(line)
            assert (line["verb"], line["identity_kind"]) == ("authenticate", "human")
            assert each["uses"] == len(users[key_of(each["to"])]) - 1


def test_links_called_proven_share_a_key_that_the_records_hold(incident: Incident) -> None:
    for link in incident.truth["links"]:
        if link["strength"] != "proven" or link["relation"] not in ("issued", "used"):
            continue
        start, end = link["from"], link["to"]
        if "identity" in end:
            continue
        if link["relation"] == "issued":
            assert key_of(end) in issued(incident.native[start["event"]])
        else:
            assert key_of(start) in presented(incident.native[end["event"]])


def test_decoys_are_in_no_list_of_proofs(incident: Incident) -> None:
    links = incident.truth["links"]
    proven = [each for each in links if each["strength"] == "proven"] + incident.truth["proven"]
    for decoy in incident.truth["decoys"]:
        pair = (decoy["from"], decoy["to"])
        assert pair not in [(each["from"], each["to"]) for each in proven]
        if decoy["never_linked"]:
            assert pair not in [(each["from"], each["to"]) for each in links]


def test_sessions_hold_what_presents_their_anchor(incident: Incident) -> None:
    sessions = incident.truth["sessions"]
    anchors = [(session["anchor"]["type"], session["anchor"]["id"]) for session in sessions]
    assert len(set(anchors)) == len(anchors)
    folded = Counter(
        link["from"]["event"]
        for link in incident.truth["links"]
        if link["relation"] == "forwarded" and not link["rivals"]
    )
    for session, anchor in zip(sessions, anchors, strict=True):
        own = {
            name: line
            for name, line in incident.native.items()
            if anchor in presented(line) and not forwarded(line)
        }
        assert session["own"] == len(own) > 0, anchor
        assert session["forwarded"] == sum(folded[name] for name in own)
        assert session["events"] == session["own"] + session["forwarded"]
        agents = {(line["address"], (line["user_agent"] or "").strip("[]") or None) for line in own.values()}
        assert {tuple(client) for client in session["clients"]} == agents - {(None, None)}
        assert session["identity"] in {line["identity"] for line in own.values()}
        assert {line["identity_kind"] for line in own.values()} <= {"undecided", session["kind"]}
        assert session["parent_counted"] == ((session["parent"] or {}).get("event") in own)
        assert (session["strength"] == "unproven") == (session["parent"] is None)


def test_forwarded_calls_have_all_the_parents_that_fit(incident: Incident) -> None:
    asked, made = [], []
    for name, line in incident.native.items():
        if line["action"] == "GetSecretValue":
            asked.append((name, line))
        elif line["action"] == "Decrypt" and forwarded(line):
            made.append((name, line))
    told = {
        link["to"]["event"]: {end["event"] for end in (link["from"], *link["rivals"])}
        for link in incident.truth["links"]
        if link["relation"] == "forwarded"
    }
    found = {}
    for name, line in made:
        fits = {
            other
            for other, parent in asked
            if parent["identity_name"] == line["identity_name"]
            and 0 <= (moment(line["time"]) - moment(parent["time"])).total_seconds() <= 2
        }
        if fits:
            found[name] = fits
    assert told == found


def test_addresses_are_those_of_documentation(incident: Incident) -> None:
    for line in incident.native.values():
        if line["address_kind"] == "ip":
            assert any(ipaddress.ip_address(line["address"]) in net for net in DOCUMENTATION), line["address"]


def test_gaps_name_what_is_not_there(incident: Incident) -> None:
    for gap in incident.truth["gaps"]:
        assert moment(gap["start"]) <= moment(gap["end"])
        if gap["kind"] == "missing_issuance":
            key = (gap["credential"]["type"], gap["credential"]["id"])
            assert [line for line in incident.native.values() if key in presented(line)]
            assert not [line for line in incident.native.values() if key in issued(line)]


def test_what_happened_at_harbourline(load: Load) -> None:
    story = load("harbourline")
    (executed,) = (line for line in story.native.values() if line["action"] == "create pods/exec")
    key = (executed["credential_type"], executed["credential"])
    assert key[0] == "aws temporary key"
    chain = [line for line in story.native.values() if key in presented(line)]
    assert {line["source"] for line in chain} == {"aws.cloudtrail", "k8s.audit"}
    assert {line["address"] for line in chain} == {"198.51.100.130", "203.0.113.50"}
    givers = [line for line in story.native.values() if key in issued(line)]
    assert sorted(line["account"] for line in givers) == ["222233334444", "555566667777"]
    assert len({line["shared_id"] for line in givers}) == 1
    (parent,) = (line["credential"] for line in givers if line["credential"])
    (first,) = (line for line in story.native.values() if ("aws temporary key", parent) in issued(line))
    assert ("jwt subject", "repo:harbourline/deploy:ref:refs/heads/main") in presented(first)
    (asked,) = (line for line in chain if line["action"] == "create serviceaccounts/token")
    (token,) = issued(asked)
    last = [line for line in story.native.values() if token in presented(line)]
    assert {line["address"] for line in last} == {"203.0.113.50"}
    assert {"list secrets", "create clusterrolebindings"} <= {line["action"] for line in last}
    runs = [
        link
        for link in story.truth["links"]
        if link["to"] == {"event": native(first)} and link["rule"] == "GH-3"
    ]
    by_run = [link for link in runs if link["from"]["credential"]["type"] == "github workflow run"]
    assert [link["strength"] for link in by_run] == ["inferred"]
    assert len(by_run[0]["rivals"]) == 1


def test_a_token_of_a_job_has_all_the_runs_that_were_under_way(load: Load) -> None:
    story = load("harbourline")
    lines = [line for line in story.native.values() if line["source"] == "github.audit"]
    ended = {
        key: line
        for line in lines
        for key in presented(line)
        if line["action"].endswith("completed_workflow_run")
    }
    told = defaultdict(set)
    for link in story.truth["links"]:
        if (link["rule"], link["relation"]) == ("GH-3", "caused"):
            told[link["to"]["event"]] |= {key_of(end) for end in (link["from"], *link["rivals"])}
    assert len(told) > 10
    for name, runs in told.items():
        federated = story.native[name]
        (subject,) = (key[1] for key in presented(federated) if key[0] == "jwt subject")
        _, repository, _, branch = subject.replace("refs/heads/", "").split(":")
        under_way = {
            issued(line)[0]
            for line in lines
            if line["action"] == "workflows.created_workflow_run"
            and {repository, branch} <= {resource["name"] for resource in line["resources"]}
            and moment(line["time"]) <= moment(federated["time"]) <= moment(ended[issued(line)[0]]["time"])
        }
        assert runs == under_way, name


def test_what_happened_at_tallowmere(load: Load) -> None:
    story = load("tallowmere")
    trail = [line for line in story.native.values() if line["source"] == "aws.cloudtrail"]
    assert not [line for line in trail if "2026-06-09T11:42:11" <= line["time"] < "2026-06-09T12:30:15"]
    tampering = [
        line["action"] for line in sorted(trail, key=lambda line: line["time"]) if line["tampers_logging"]
    ]
    assert tampering[:2] == ["PutEventSelectors", "StopLogging"]
    hijacked = [session for session in story.truth["sessions"] if len(session["clients"]) > 2]
    assert [session["anchor"]["type"] for session in hijacked] == ["okta session"]
    assert {client[0] for client in hijacked[0]["clients"]} == {"198.51.100.10", "203.0.113.77"}
    console = Counter(
        key
        for line in trail
        for key in presented(line)
        if key[0] == "aws sign-in session" and "federated-admin/jdoe" in key[1] and line["credential"]
    )
    ((anchor, _),) = console.items()
    assert (
        len({line["credential"] for line in trail if anchor in presented(line) and line["credential"]}) == 12
    )
    listed: set[str] = set()
    present = {path.name for path in (story.home / "evidence" / "s3").iterdir()}
    for path in (story.home / "evidence" / "s3").glob("*Digest*"):
        digest = json.loads(gzip.decompress(path.read_bytes()))
        for entry in digest["logFiles"]:
            name = entry["s3Object"].rpartition("/")[2]
            listed.add(name)
            if name in present:
                data = gzip.decompress((path.parent / name).read_bytes())
                assert hashlib.sha256(data).hexdigest() == entry["hashValue"]
    assert len(listed - present) == 1
    assert {name for name in present if "Digest" not in name} <= listed | present
    keys = [key for line in trail for key in issued(line) if key[0] == "aws access key"]
    assert len(keys) == 1
    used = [line for line in trail if line["credential"] == keys[0][1]]
    assert {line["address"] for line in used} == {"203.0.113.99"}


def test_what_happened_at_quillbank(load: Load) -> None:
    story = load("quillbank")
    added = [
        line
        for line in story.native.values()
        if any(key[0] == "entra application key" for key in issued(line))
    ]
    signed_in = [
        line
        for line in story.native.values()
        if line["source"] == "entra.signin" and line["identity_name"] == "billing-sync"
    ]
    (change,) = (line for line in added if line["address"] == "203.0.113.18")
    (new,) = issued(change)
    first = [line for line in signed_in if new in presented(line)]
    assert len(first) == 1
    assert len({line["credential"] for line in signed_in}) == 2
    token = issued(first[0])[0]
    used = [line for line in story.native.values() if token in presented(line)]
    assert Counter(line["source"] for line in used) == {"graph.activity": 200, "m365.ual": 40}
    assert sum(bool(line["withheld"]) for line in used) == 1
    (gap,) = (gap for gap in story.truth["gaps"] if gap["kind"] == "missing_issuance")
    lost = (gap["credential"]["type"], gap["credential"]["id"])
    assert {line["source"] for line in story.native.values() if lost in presented(line)} == {"azure.activity"}
    (made,) = (line for line in story.native.values() if line["time"] < "2026-04-01")
    (key,) = issued(made)
    assert key[1].startswith("69ab")
    assert {line["address"] for line in story.native.values() if key in presented(line)} == {"198.51.100.23"}


def test_no_story_names_the_machine_that_wrote_it() -> None:
    for path in SAMPLES.rglob("*.py"):
        assert not re.search(r"/(home|tmp|work|Users)/", path.read_text(encoding="utf-8")), path
