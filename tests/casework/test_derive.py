"""The second pass over a case: whatever the order, the cut or the repetition of the evidence, and however often it ran."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.casework import logs
from tests.casework.command import workbench
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.lineage import lineage_from
from workbench.casework.new_case import new_case
from workbench.model.session import Basis, EndKind, Strength
from workbench.search import parse

SAMPLES = Path(__file__).resolve().parents[2] / "sample_logs"


def derived(case: Path) -> dict[str, Any]:
    """Everything derived, without the row numbers that differ from case to case."""
    with CaseReader.open(case) as reader:
        assert reader.derived.current()
        links = {}
        for link in (*reader.derived.links(),):
            marks = [end.id for end in (link.source, link.target, *link.rivals)]
            links[link.id] = (
                link.rule,
                link.strength,
                link.fields,
                link.delta,
                link.rival_count,
                link.caveats,
                marks,
            )
        refs = {row[0]: row[1] for row in reader._connection.execute("SELECT id, native_id FROM event")}
        sessions = {}
        for one in reader.derived.sessions():
            plain = json.loads(json.dumps(_plain(one)))
            plain["opened_by"] = None if one.opened_by is None else str(refs[one.opened_by])
            sessions[one.id] = plain
        return {
            "links": links,
            "sessions": sessions,
            "identities": [
                (one.id, one.kind, one.events, one.sessions) for one in reader.derived.identities()
            ],
            "matches": [one.id for one in reader.derived.matches()],
            "credentials": {
                one.id: (one.events, one.sessions, one.clients, one.issued_at, one.revoked_at, one.warnings)
                for one in reader.derived.credentials()
            },
        }


def _plain(value: Any) -> Any:
    import msgspec

    return msgspec.to_builtins(value)


def case_of(path: Path, files: list[list[Path]], *, once: bool = False) -> Path:
    """Make a case of files, added in these groups, sessions derived after each addition or once at the end."""
    new_case(path, title="t", examiner="t")
    for group in files:
        add_evidence(path, group, actor="t")
        if not once:
            derive(path, actor="t")
    derive(path, actor="t")
    return path


def files_of(incident: str) -> list[Path]:
    return sorted(path for path in (SAMPLES / incident / "evidence").rglob("*") if path.is_file())


@pytest.fixture(scope="module", params=["harbourline", "tallowmere", "quillbank"])
def whole(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Path], dict[str, Any]]:
    files = files_of(request.param)
    return files, derived(case_of(tmp_path_factory.mktemp("whole") / "a.case", [files]))


@pytest.mark.parametrize("seed", [1, 2])
def test_order_and_grouping_do_not_matter(
    whole: tuple[list[Path], dict[str, Any]], tmp_path: Path, seed: int
) -> None:
    """Also: bringing the derived layer up to date after each addition equals making it anew."""
    files, expected = whole
    shuffled = random.Random(seed).sample(files, len(files))
    cuts = sorted(random.Random(seed).sample(range(1, len(files)), min(3, len(files) - 1)))
    groups = [shuffled[low:high] for low, high in zip([0, *cuts], [*cuts, len(files)], strict=True)]
    assert derived(case_of(tmp_path / "a.case", groups)) == expected


def test_records_cut_into_other_files_and_repeated_give_the_same(
    whole: tuple[list[Path], dict[str, Any]], tmp_path: Path
) -> None:
    """Each event of CloudTrail files dealt out to other files, some twice."""
    import gzip

    files, expected = whole
    dealt: list[list[Any]] = [[] for _ in range(5)]
    kept = []
    chance = random.Random(7)
    for path in files:
        data = path.read_bytes()
        text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
        try:
            document = json.loads(text)
            records = document["Records"]
        except (ValueError, KeyError, TypeError):
            kept.append(path)
            continue
        for record in records:
            for _ in range(1 + (chance.random() < 0.2)):
                chance.choice(dealt).append(record)
    made = []
    for number, records in enumerate(dealt):
        if records:
            path = tmp_path / f"{number}.json"
            path.write_text(json.dumps({"Records": records}))
            made.append(path)
    assert derived(case_of(tmp_path / "a.case", [made, kept] if made else [kept])) == expected


def test_a_pass_that_was_killed_is_repeated_whole(tmp_path: Path) -> None:
    class KilledError(Exception):
        pass

    files = files_of("harbourline")
    case = case_of(tmp_path / "a.case", [files[:3]])
    add_evidence(case, files[3:], actor="t")

    def give_up(_: object) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        derive(case, actor="t", progress=give_up)
    with CaseReader.open(case) as reader:
        assert not reader.derived.current()
    done = derive(case, actor="t")
    assert done is not None
    assert done.anew
    assert derive(case, actor="t") is None
    assert derived(case) == derived(case_of(tmp_path / "b.case", [files]))


def test_only_new_events_are_looked_at(tmp_path: Path) -> None:
    files = files_of("quillbank")
    case = case_of(tmp_path / "a.case", [files[:-1]])
    add_evidence(case, [files[-1]], actor="t")
    done = derive(case, actor="t")
    assert done is not None
    assert not done.anew
    with sqlite3.connect(case) as connection:
        (last,) = connection.execute("SELECT max(id) FROM evidence").fetchone()
        (events,) = connection.execute("SELECT count(*) FROM event WHERE evidence_id = ?", (last,)).fetchone()
    assert 0 < done.events <= events


def test_a_pass_that_makes_all_anew_is_compared_with_what_stood_before(tmp_path: Path) -> None:
    files = files_of("harbourline")
    case = case_of(tmp_path / "a.case", [files[:2]])
    before = derived(case)
    again = derive(case, actor="t", anew=True)
    assert again is not None
    assert {(each.new, each.changed, each.gone) for each in again.changed.values()} == {(0, 0, 0)}
    add_evidence(case, files[2:], actor="t")
    done = derive(case, actor="t", anew=True)
    assert done is not None
    sessions = derived(case)["sessions"]
    stood, now = before["sessions"].keys(), sessions.keys()
    changed = done.changed["sessions"]
    assert stood & now
    assert (changed.new, changed.gone, changed.total) == (len(now - stood), len(stood - now), len(now))


def test_no_rule_proves_without_an_equal_identifier(whole: tuple[list[Path], dict[str, Any]]) -> None:
    """Every proven link names the value that both of its records hold, and no rival is left."""
    _, found = whole
    for rule, strength, fields, _, rivals, _, _ in found["links"].values():
        if strength is Strength.PROVEN:
            assert rule not in {
                "aws-console",
                "sso",
                "ci-run",
                "remote-command",
                "same-client",
                "push-run",
                "origin",
            }
            assert all(": " in field for field in fields)
            assert fields
            assert rivals == 0


# The real set of the specification, section 0 ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def invictus(datasets: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = datasets / "invictus-aws"
    return case_of(tmp_path_factory.mktemp("invictus") / "a.case", [[folder]])


def test_invictus_keys_that_join_to_their_issue(invictus: Path) -> None:
    with CaseReader.open(invictus) as reader:
        keyed = [one for one in reader.derived.sessions() if one.method == "temporary key"]
        assert sum(one.events for one in keyed) == 70
        issued = {link.target.id for link in reader.derived.links() if link.rule == "aws-key"}
        assert {one.id for one in keyed} <= issued


def test_invictus_console_sessions(invictus: Path) -> None:
    """Own events, forwarded calls and keys. Of benjamin's session the specification counts the 12 events with temporary keys;
    35 more records hold the same user and creation date with a long-term key (S3 console)."""
    with CaseReader.open(invictus) as reader:
        console = {
            (one.identity.name if one.identity else "", one.start_basis.value): one
            for one in reader.derived.sessions()
            if one.method == "console sign-in"
        }
        links = list(reader.derived.links())
    own = console["bert-jan", "signed in"]
    assert (own.events, own.forwarded, own.keys, own.membership) == (208, 9, 21, Strength.INFERRED)
    missing = console["bert-jan", "native"]
    assert (missing.events, missing.forwarded, missing.keys) == (72, 7, 13)
    other = console["benjamin", "native"]
    assert (other.events, other.forwarded) == (12 + 35, 15)
    holes = {
        link.target.id for link in links if link.rule == "aws-console" and link.source.kind is EndKind.NOTHING
    }
    assert holes == {missing.id, other.id}


def test_invictus_forwarded_calls_with_rivals_list_them(invictus: Path) -> None:
    """By verb, resource and two seconds: 20 of 56 Decrypts of secrets have rivals. Of the 122 Decrypts of parameters the
    specification counts 43, by resource and time alone; that a write needs no decryption leaves 2 (and one without a caller)."""
    rivals: dict[str, list[int]] = {}
    with sqlite3.connect(invictus) as connection:
        for causes, address in connection.execute(
            "SELECT f.causes, d.raw FROM forwarded_call f JOIN event e ON e.id = f.event_id JOIN act a ON a.id = e.act_id"
            " JOIN address d ON d.id = e.address_id WHERE a.action = 'Decrypt'"
        ):
            rivals.setdefault(address, []).append(len(json.loads(causes)))
    assert len(rivals["secretsmanager.amazonaws.com"]) == 56
    assert sum(count > 1 for count in rivals["secretsmanager.amazonaws.com"]) == 20
    assert len(rivals["AWS Internal"]) == 122
    assert sum(count > 1 for count in rivals["AWS Internal"]) == 2
    assert sum(count == 0 for count in rivals["AWS Internal"]) == 1


def test_invictus_stolen_instance_credentials(invictus: Path) -> None:
    with CaseReader.open(invictus) as reader:
        keyed = {one.anchor.native_id: one for one in reader.derived.sessions() if one.anchor is not None}
        agent, thief = keyed["ASIATFQR7NSCSHSEVYP5"], keyed["ASIATFQR7NSC36DZQP7P"]
        cause = [link for link in reader.derived.links() if link.rule == "remote-command"]
    assert [client.address for client in agent.clients] == ["3.225.16.109"]
    assert [client.address for client in thief.clients] == ["192.168.10.20"]
    assert (agent.events, thief.events) == (13, 2)
    assert [(link.target.id, link.strength) for link in cause] == [(thief.id, Strength.INFERRED)]
    assert (thief.strength, thief.parent) == (Strength.INFERRED, cause[0].source.id)
    assert agent.parent is None


def proven_over_inferred(reader: CaseReader) -> int:
    """Check every lineage of a case; return how often a proven link touches a session whose members are inferred."""
    order = [Strength.PROVEN, Strength.INFERRED, Strength.ASSERTED, Strength.UNPROVEN]
    sessions = {one.id: one for one in reader.derived.sessions()}
    loose = {one.id for one in sessions.values() if one.membership is not Strength.PROVEN}
    touched = 0
    for one in sessions.values():
        assert order.index(one.chain) >= order.index(one.membership)
        found = lineage_from(reader, one.id).lineage
        for hop in (*found.back, *found.forward):
            if loose & {one.id, hop.near, hop.far}:
                assert hop.chain is not Strength.PROVEN
                touched += hop.link.strength is Strength.PROVEN
            if hop.near == one.id and hop.link.id == one.parent_link and hop.far == one.parent:
                assert order.index(hop.chain) >= order.index(one.strength)
    return touched


def test_invictus_nothing_is_proven_over_the_console_session_whose_members_are_inferred(
    invictus: Path,
) -> None:
    with CaseReader.open(invictus) as reader:
        proven_over_inferred(reader)
        (console,) = (
            one
            for one in reader.derived.sessions()
            if one.method == "console sign-in" and one.start_basis is Basis.SIGNED_IN
        )
        assert (console.membership, console.chain) == (Strength.INFERRED, Strength.INFERRED)
        query = parse(f"session:{console.id}")
        assert query is not None
        events = [event for chunk in reader.scan(query) for event in chunk.ids]
        for event in reader.events(events[::40]):
            found = lineage_from(reader, str(event.ref)).lineage
            assert found.back
            assert Strength.PROVEN not in {hop.chain for hop in (*found.back, *found.forward)}


# The commands --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    case = tmp_path_factory.mktemp("demo") / "a.case"
    workbench("new", case, "--title", "T")
    assert workbench("add", case, SAMPLES / "harbourline" / "evidence").status == 0
    return case


def test_the_commands_have_the_field_names_of_the_design(demo: Path) -> None:
    sessions = workbench("sessions", demo, "--json").lines
    assert {
        "id", "identity", "identity_kind", "method", "credential", "start", "end", "start_basis", "end_basis", "events",
        "addresses", "parent", "strength", "verbs",
    } <= sessions[0].keys()  # fmt: skip
    links = workbench("links", demo, "--json").lines
    assert {"from", "to", "relation", "strength", "rule", "fields", "evidence", "rivals", "caveats"} <= links[
        0
    ].keys()
    for name in ("identities", "credentials"):
        assert workbench(name, demo, "--json").lines
        assert workbench(name, demo).status == 0
    assert workbench("sessions", demo).status == workbench("links", demo).status == 0


def test_nothing_of_the_demo_is_proven_over_a_session_whose_members_are_inferred(demo: Path) -> None:
    """The kubelet presents no key: that one of its requests made a token is proven, that its requests are one session not."""
    with CaseReader.open(demo) as reader:
        assert proven_over_inferred(reader) > 5


def test_a_session_filter_gives_its_events(demo: Path) -> None:
    for one in workbench("sessions", demo, "--json").lines[:12]:
        events = workbench("events", demo, f"session:{one['id']}", "--json").lines
        opener = one["opened_by"] in {event["ref"] for event in events}
        extra = len(events) - one["events"] - one["forwarded"] - one["forwarded_open"]
        assert extra in ((0, 1) if opener else (0,))
        assert {event["session"] for event in events} == {one["id"]}


def test_lineage_leads_back_and_forward(demo: Path) -> None:
    child = next(one for one in workbench("sessions", demo, "--json").lines if one["parent"])
    hops = workbench("lineage", demo, child["id"], "--json").lines
    assert child["parent"] in {hop["far"] for hop in hops if hop["direction"] == "back"}
    event = workbench("events", demo, f"session:{child['id']}", "--json", "--limit", 1).lines[0]
    assert workbench("lineage", demo, event["ref"]).status == 0
    said = workbench("lineage", demo, "S-000000000000")
    assert said.status == 2
    assert said.err.count("\n") == 1


def test_a_lineage_tells_who_did_what_when_on_every_edge(demo: Path) -> None:
    """As `events` tells it, so that no second command is needed."""
    events = {line["ref"]: line for line in workbench("events", demo, "--json").lines}
    sessions = {line["id"]: line for line in workbench("sessions", demo, "--json").lines}
    child = next(one for one in sessions.values() if one["parent"] and one["strength"] == "proven")
    hops = workbench("lineage", demo, child["id"], "--json").lines
    text = workbench("lineage", demo, child["id"]).out.decode()
    assert hops
    for hop in hops:
        assert [cited["ref"] for cited in hop["cited"]] == hop["link"]["evidence"]
        for cited in hop["cited"]:
            event = events[cited["ref"]]
            resources = [resource["name"] for resource in event["resources"]]
            assert cited == {**{field: event[field] for field in cited}, "resources": resources}
            told = [line for line in text.splitlines() if f"{short(cited['ref'])}  {event['time']}" in line]
            assert told
            assert all(f"{event['service']} {event['action']}" in line for line in told)
            assert all((event["identity_name"] or "nobody named")[:20] in line for line in told)
        for side in ("near", "far"):
            session = hop[f"{side}_session"]
            assert (session is None) == (hop[side] not in sessions)
            if session is not None:
                assert session == {field: sessions[hop[side]][field] for field in session}


def test_a_user_made_anew_under_an_old_name_is_two_for_people_too(tmp_path: Path) -> None:
    old, new = "AIDA2ZQ7KXN4VBT6MWPCD", "AIDA5HJ3RLY8GFS9TQXEU"

    def of(number: int, unique: str | None) -> dict[str, Any]:
        user = {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/x",
            "accountId": "111122223333",
            "userName": "x",
            "principalId": unique,
        }
        return logs.record(number, userIdentity={key: value for key, value in user.items() if value})

    (tmp_path / "a.json").write_bytes(logs.trail([of(1, old), of(2, old), of(3, new), of(4, None)]))
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "T")
    assert workbench("add", case, tmp_path / "a.json").status == 0
    found = {line["unique_id"]: line for line in workbench("identities", case, "--json").lines}
    assert {unique: line["events"] for unique, line in found.items()} == {old: 2, new: 1, None: 1}
    assert {len(line["namesakes"]) for line in found.values()} == {2}
    told = workbench("identities", case).out.decode()
    assert "which of 2 identities of this name they mean is not known" in told
    assert told.count("the unique ids differ") == 2
    said = workbench("identities", case, "--apart", old, new, "--reason", "Deleted and made anew.")
    assert said.status == 0, said.err
    said = workbench("identities", case, "--apart", "arn:aws:iam::111122223333:user/x", new, "--reason", "r")
    assert said.status == 2
    assert "3 identities are called" in said.err


def short(ref: str) -> str:
    return f"{ref[:8]}:{ref.partition(':')[2].partition('+')[0]}"


def test_a_decision_on_identities_is_journalled_and_superseded(demo: Path) -> None:
    one, other = (each["id"] for each in workbench("identities", demo, "--json").lines[:2])
    before = workbench("sessions", demo, "--json").out
    assert workbench("identities", demo, "--merge", one, other).status == 2
    assert workbench("identities", demo, "--merge", one, other, "--reason", "same badge").status == 0
    assert workbench("identities", demo, "--apart", other, one, "--reason", "two people").status == 0
    decided = workbench("identities", demo, "--json").lines[0]["decisions"]
    assert [(each["decision"], each["superseded_by"] is None) for each in decided] == [
        ("merge", False),
        ("apart", True),
    ]
    kinds = [entry["kind"] for entry in workbench("journal", demo, "--json").lines]
    assert kinds.count("identities.merged") == kinds.count("identities.kept_apart") == 1
    assert workbench("sessions", demo, "--json").out == before


def test_asking_changes_nothing_in_the_file(demo: Path) -> None:
    before = demo.read_bytes()
    for arguments in (["sessions"], ["links"], ["identities"], ["credentials"], ["links", "--forwarded"]):
        assert workbench(arguments[0], demo, *arguments[1:]).status == 0
    assert demo.read_bytes() == before


@pytest.mark.parametrize(
    ("change", "strength"),
    [
        ({}, Strength.PROVEN),
        ({"userAgent": "aws-cli/2.16.0"}, Strength.PROVEN),
        ({"userIdentity": ...}, Strength.PROVEN),
        ({"errorCode": "AccessDenied", "responseElements": None}, Strength.INFERRED),
        ({"eventTime": "2026-02-03T01:00:00Z"}, Strength.INFERRED),
        ({"eventName": "GetCallerIdentity", "responseElements": None}, Strength.INFERRED),
        ({"userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/x"}}, Strength.INFERRED),
    ],
)
@pytest.mark.parametrize("altered", ["issue", "use"])
def test_a_link_that_rests_on_a_record_with_another_version_is_contradicted(
    tmp_path: Path, change: dict[str, Any], strength: Strength, altered: str
) -> None:
    """Whoever hands in a second version of a record takes the proof from what rests on it, whichever comes first."""
    role = "arn:aws:sts::111122223333:assumed-role/deploy/run"
    issue = logs.record(
        1, eventTime="2026-02-03T10:00:00Z", eventSource="sts.amazonaws.com", eventName="AssumeRole",
        responseElements={
            "credentials": {"accessKeyId": "ASIAEXAMPLE000000001"},
            "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLE:run", "arn": role},
        },
    )  # fmt: skip
    use = logs.record(
        2, eventTime="2026-02-03T10:05:00Z",
        userIdentity={
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:run", "arn": role, "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE000000001",
        },
    )  # fmt: skip
    before = issue if altered == "issue" else use
    after = {key: value for key, value in {**before, **change}.items() if value is not ...}
    other = logs.write(tmp_path / "b.json", logs.trail([{**after, "requestID": "R"}]))
    both = logs.write(tmp_path / "a.json", logs.trail([issue, use]))
    for number, files in enumerate(([[both, other]], [[both], [other]], [[other], [both]])):
        case = case_of(tmp_path / f"{number}.case", files)
        with CaseReader.open(case) as reader:
            (link,) = [
                each
                for each in reader.derived.links()
                if each.rule == "aws-key" and each.target.kind is EndKind.SESSION and each.source.event
            ]
        assert link.strength is strength
        assert link.contradicted is (strength is Strength.INFERRED)
        assert any("versions under one id" in each for each in link.caveats) is link.contradicted


def test_a_decision_on_identities_is_taken_back_and_shows_where_it_stands(demo: Path) -> None:
    def listed() -> list[dict[str, Any]]:
        return workbench("identities", demo, "--json").lines

    one, other = (each["id"] for each in listed()[2:4])
    nothing = workbench("identities", demo, "--undecided", one, other, "--reason", "I was wrong.")
    assert nothing.status == 2
    assert "nothing is decided" in nothing.err
    assert workbench("identities", demo, "--merge", one, other, "--reason", "same badge").status == 0
    assert [each["merged_with"] for each in listed()[2:4]] == [[other], [one]]
    said = workbench("identities", demo).out.decode()
    assert said.count("    merged with ") == 2
    assert f"    merged with {other} " in said
    assert workbench("identities", demo, "--undecided", other, one, "--reason", "I was wrong.").status == 0
    assert [each["merged_with"] for each in listed()[2:4]] == [[], []]
    assert "merged with" not in workbench("identities", demo).out.decode()
    decided = listed()[2]["decisions"]
    assert [(each["decision"], each["superseded_by"] is None) for each in decided] == [
        ("merge", False),
        ("undecided", True),
    ]
    assert workbench("verify", demo).status == 0


def test_a_role_is_no_person_and_whoever_makes_them_one_is_warned(tmp_path: Path) -> None:
    case = tmp_path / "s2.case"
    workbench("new", case, "--title", "T")
    assert workbench("add", case, SAMPLES / "tallowmere" / "evidence").status == 0
    lines = workbench("identities", case, "--json").lines
    by_id = {each["id"]: each for each in lines}
    role = next(each for each in lines if each["identity"].endswith(":role/federated-reader"))
    assert role["matches"]
    for match in role["matches"]:
        assert not match["alike"]
        assert "a role under 6 session names" in match["reason"]
    unlike = [match["alike"] for each in lines for match in each["matches"]]
    assert any(unlike)
    said = workbench("identities", case, "--merge", role["id"], role["matches"][0]["other"], "--reason", "r")
    assert said.status == 0
    assert "warning: these differ by what they are" in said.err
    person = by_id[role["matches"][0]["other"]]
    alike = next(each["other"] for each in person["matches"] if each["alike"])
    said = workbench("identities", case, "--merge", person["id"], alike, "--reason", "One badge.")
    assert (said.status, "warning" in said.err) == (0, False)
