"""Tagging a real case by the command line: what is committed, refused, shown, superseded, and what makes it stale."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import Said, workbench
from tests.casework.logs import record, trail, write
from workbench.casefile.reader import CaseReader
from workbench.casework.demo import build_demo

SESSION = "every event of a session of a role"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.case"
    build_demo(path)
    return path


@pytest.fixture
def demo(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(built, tmp_path / "demo.case"))


def events(case: Path, query: str) -> list[dict[str, Any]]:
    return workbench("events", case, query, "--json").lines


def secret_read(case: Path) -> dict[str, Any]:
    """A person's read of a secret in a console session."""
    return events(case, "verb:read_secret kind:human outcome:success")[0]


def tag(
    case: Path, *arguments: object, reason: str = "The record itself carries the key.", status: int = 0
) -> Said:
    said = workbench("tag", case, *arguments, "--reason", reason)
    assert said.status == status, said.err
    return said


def tags(case: Path, *arguments: object) -> list[dict[str, Any]]:
    return workbench("tag", case, "--json", *arguments).lines


def test_a_tag_a_sentence_and_nothing_else(demo: Path) -> None:
    event = secret_read(demo)
    assert event["tag"] is None
    assert event["tags"] == []
    name = tag(demo, event["ref"], "--as", "attributed").out.decode().strip()
    (made,) = tags(demo)
    assert made["id"] == name
    assert (made["as"], made["level"], made["subject"]) == ("attributed", "credential", event["identity"])
    assert event["ref"] in {each["ref"] for each in made["cites"]}
    assert made["machine"]["level"] == "credential"
    assert {each["rule"] for each in made["lacks"]} == {"A4", "A6"}
    assert not made["released"]
    (after,) = events(demo, "tag:attributed")
    assert (after["ref"], after["tag"]) == (event["ref"], "attributed")
    assert after["tags"][0]["id"] == name
    assert len(events(demo, "tag:untagged")) == len(events(demo, "")) - 1
    assert events(demo, "tag:*") == [after]
    assert events(demo, "NOT tag:*") == events(demo, "tag:untagged")
    assert events(demo, "tag:un*") == events(demo, "tag:untagged")


def test_a_person_is_refused_with_what_is_missing_and_the_journal_stays_as_it_was(demo: Path) -> None:
    event = secret_read(demo)
    before = workbench("journal", demo, "--json").out
    said = tag(
        demo, event["ref"], "--as", "attributed", "--level", "person", "--subject", "M. Okafor", status=1
    )
    assert "level credential would be accepted" in said.err
    assert said.out == b""
    assert workbench("journal", demo, "--json").out == before


def test_an_override_is_journalled_and_printed_wherever_the_tag_is(demo: Path) -> None:
    event = secret_read(demo)
    why = "Counsel insists for the hearing."
    tag(
        demo,
        event["ref"],
        "--as",
        "attributed",
        "--level",
        "person",
        "--subject",
        "M. Okafor",
        "--override",
        why,
    )
    (made,) = tags(demo)
    assert made["override"] == why
    assert made["overrode"]
    assert "override" in {each["rule"] for each in made["lacks"]}
    assert f"OVERRIDE    {why}" in workbench("tag", demo).out.decode()
    assert events(demo, "tag:attributed")[0]["tags"][0]["override"] == why
    assert why.encode() in workbench("journal", demo, "--json").out


def test_a_session_and_a_filter(demo: Path) -> None:
    key = events(demo, "verb:read_secret identity:pay-api outcome:success")
    by_filter = "verb:read_secret identity:pay-api outcome:success credential:*"
    tag(demo, "--filter", by_filter, "--as", "attributed")
    (made,) = tags(demo)
    assert made["events"] == made["bound"] == len(events(demo, "tag:attributed"))
    assert made["chosen_by"] == by_filter
    assert all(each["tags"][0]["rule"] == by_filter for each in events(demo, "tag:attributed"))
    tag(demo, key[0]["session"], "--as", "inferred", "--level", "session")
    second = tags(demo)[-1]
    assert second["choice"] == "session"
    assert (
        second["events"] == len(events(demo, f"session:{key[0]['session']}")) - 1
    )  # its opening is another act
    # One word for an event under both: the weaker.
    assert {each["tag"] for each in events(demo, by_filter + f" session:{key[0]['session']}")} == {"inferred"}


def test_a_mixed_selection_is_at_most_inferred(demo: Path) -> None:
    bound = secret_read(demo)["ref"]
    loose = events(demo, "NOT credential:*")[0]["ref"]
    said = tag(demo, bound, loose, "--as", "attributed", "--subject", "x", status=1)
    assert "P5" in said.err
    tag(demo, bound, loose, "--as", "inferred", "--subject", "x")


def test_superseding_keeps_both_and_wording_raises_nothing(demo: Path) -> None:
    ref = secret_read(demo)["ref"]
    first = tag(demo, ref, "--as", "inferred").out.strip().decode()
    assert "P3" in tag(demo, ref, "--as", "attributed", reason="Really, it was her.", status=1).err
    assert (
        tag(demo, ref, "--as", "unproven", reason="The key was shared after all.").out.strip().decode()
        == first
    )
    versions = workbench("tag", demo, "--history", first, "--json").lines
    assert [(each["version"], each["as"], each["stands"]) for each in versions] == [
        (1, "inferred", False),
        (2, "unproven", True),
    ]
    assert versions[0]["superseded_by"] == versions[1]["entry"]
    assert [each["as"] for each in tags(demo)] == ["unproven"]
    assert [each["as"] for each in tags(demo, "--all")] == ["inferred", "unproven"]
    assert [each["tag"] for each in events(demo, "tag:*")] == ["unproven"]


def test_a_new_selection_does_not_escape_the_rules_of_promotion(demo: Path) -> None:
    """Tagging one of two events anew is no way around P3."""
    one, two = (each["ref"] for each in events(demo, "session:S-e7a40f395b33 credential:*")[:2])
    tag(demo, one, two, "--as", "inferred")
    assert "P3" in tag(demo, one, "--as", "attributed", "--cite", one, status=1).err


def test_taking_back_and_signing(demo: Path) -> None:
    ref = secret_read(demo)["ref"]
    name = (
        tag(demo, ref, "--as", "attributed", "--instead", f"Her deputy: {ref} excludes that")
        .out.strip()
        .decode()
    )
    assert {each["rule"] for each in tags(demo)[0]["lacks"]} == {"A6"}
    own = workbench("tag", demo, "--review", name)
    assert own.status == 1
    assert "P6" in own.err
    assert workbench("tag", demo, "--review", name, "--examiner", "B. Second").status == 0
    assert tags(demo)[0]["released"]
    objected = workbench(
        "tag", demo, "--review", name, "--examiner", "C. Third", "--dissent", "The key leaked."
    )
    assert objected.status == 0
    (made,) = tags(demo)
    assert not made["released"]
    assert any("C. Third objects" in each for each in made["demotion_duty"])
    assert workbench("tag", demo, "--retract", name, "--reason", "The wrong event.").status == 0
    assert tags(demo) == []
    assert tags(demo, "--all")[0]["retracted"] == "The wrong event."
    assert events(demo, "tag:*") == []
    assert workbench("tag", demo, "--review", name, "--examiner", "B. Second").status == 2


def test_withdrawn_evidence_makes_stale_and_comes_back(demo: Path) -> None:
    event = secret_read(demo)
    tag(demo, event["ref"], "--as", "attributed")
    count = len(events(demo, ""))
    sha = event["ref"][:12]
    assert workbench("evidence", demo, sha, "--withdraw").status == 2
    said = workbench("evidence", demo, sha, "--withdraw", "--reason", "Another customer's file.")
    assert said.status == 0
    assert "stale: T-" in said.err
    (made,) = tags(demo)
    assert made["missing"] == 1
    assert made["stale"]
    assert not made["released"]
    assert workbench("tag", demo, "--stale").status == 1
    left = events(demo, "")
    gone = events(demo, "disposition:withdrawn")
    assert gone
    assert len(left) + len(gone) == count
    assert workbench("info", demo).status == 0  # the sums still add up
    assert workbench("evidence", demo, event["ref"]).status == 0  # the bytes are still there
    assert workbench("derive", demo, "--anew").status == 0
    assert len(events(demo, "")) == len(left)
    sessions = {each["session"] for each in left}
    assert {each["id"] for each in workbench("sessions", demo, "--json").lines} >= {
        each for each in sessions if each
    }
    assert workbench("evidence", demo, sha, "--restore", "--reason", "It was ours.").status == 0
    assert tags(demo)[0]["stale"] == []
    assert len(events(demo, "")) == count


def test_a_colleagues_tag_is_not_replaced_without_a_word(demo: Path) -> None:
    read = secret_read(demo)
    tag(demo, read["ref"], "--as", "attributed", "--instead", "Somebody who holds a copy of the key")
    (alices,) = tags(demo)
    said = tag(demo, read["ref"], "--as", "unproven", "--reason-code", "ambiguous_identity", "--resolve", "Ask her.",
               "--examiner", "Bob B")  # fmt: skip
    assert (
        f"{alices['author']} says attributed to {alices['subject']} (level credential) in {alices['id']}"
        in said.err
    )
    assert sorted((each["id"] == alices["id"], each["version"]) for each in tags(demo)) == [
        (False, 1),
        (True, 1),
    ]
    # One's own is said anew, and keeps what nothing is said of.
    said = tag(demo, read["ref"], "--as", "attributed", reason="The record carries her key and address.")
    mine = next(each for each in tags(demo) if each["id"] == alices["id"])
    assert mine["version"] == 2
    assert [each["text"] for each in mine["alternatives"]] == ["Somebody who holds a copy of the key"]
    assert "Bob B says unproven" in said.err
    # By name it can be taken over.
    tag(demo, "--supersede", alices["id"], "--as", "inferred", "--examiner", "Bob B")
    assert {(each["id"] == alices["id"], each["author"]) for each in tags(demo)} == {
        (True, "Bob B"),
        (False, "Bob B"),
    }


def test_reaffirming_says_it_again_of_what_is_there_now(demo: Path) -> None:
    read = secret_read(demo)
    other = next(
        each
        for each in events(demo, f"session:{read['session']} credential:*")
        if each["evidence"] != read["evidence"]
    )
    tag(demo, read["ref"], "--as", "attributed", "--cite", read["ref"], "--cite", other["ref"])
    workbench("evidence", demo, other["ref"][:12], "--withdraw", "--reason", "Not ours to keep.")
    (made,) = tags(demo)
    assert len(made["stale"]) == 1
    assert (
        workbench("tag", demo, "--reaffirm", made["id"], "--reason", "Her own record carries it.").status == 0
    )
    (again,) = tags(demo)
    assert (again["version"], again["stale"], again["reaffirms"]) == (2, [], True)
    why = made["stale"]
    assert again["was_stale"] == why
    entry = workbench("journal", demo, "--json").lines[-1]
    assert entry["body"]["tag"]["was_stale"] == why
    shown = " ".join(workbench("tag", demo, "--history", made["id"]).out.decode().split())
    assert f"said again the version before was stale: {why[0]}" in shown
    assert [each["ref"] for each in again["cites"]] == [read["ref"]]


def test_what_takes_the_place_of_a_stale_tag_keeps_what_had_made_it_stale(demo: Path) -> None:
    read = secret_read(demo)
    other = next(
        each
        for each in events(demo, f"session:{read['session']} credential:*")
        if each["evidence"] != read["evidence"]
    )
    tag(demo, read["ref"], "--as", "attributed", "--cite", read["ref"], "--cite", other["ref"])
    (made,) = tags(demo)
    assert made["was_stale"] == []
    workbench("evidence", demo, other["ref"][:12], "--withdraw", "--reason", "Not ours to keep.")
    (stale,) = tags(demo)
    assert stale["stale"]
    tag(demo, "--supersede", made["id"], "--as", "unproven", "--reason-code", "no_record", "--resolve", "Ask her.",
        "--cite", read["ref"])  # fmt: skip
    (later,) = tags(demo)
    assert (later["reaffirms"], later["was_stale"]) == (False, stale["stale"])
    shown = " ".join(workbench("tag", demo, "--history", made["id"]).out.decode().split())
    assert f"before the version before was stale: {stale['stale'][0]}" in shown


def test_reaffirming_cites_the_links_that_stand_in_place_of_one_that_is_gone(
    demo: Path, tmp_path: Path
) -> None:
    read = secret_read(demo)
    tried = Path(shutil.copy(demo, tmp_path / "tried.case"))
    other = next(
        each
        for each in events(demo, f"session:{read['session']} credential:*")
        if each["evidence"] != read["evidence"]
    )

    def links(case: Path) -> set[str]:
        return {each["id"] for each in workbench("links", case, "--json").lines}

    workbench("evidence", tried, other["ref"][:12], "--withdraw", "--reason", "Tried.")
    workbench("derive", tried)
    gone = min(links(demo) - links(tried))
    tag(demo, read["ref"], "--as", "unproven", "--reason-code", "no_record", "--resolve", "Ask her.",
        "--cite", read["ref"], "--cite", gone)  # fmt: skip
    workbench("evidence", demo, other["ref"][:12], "--withdraw", "--reason", "Not ours to keep.")
    workbench("derive", demo)
    (made,) = tags(demo)
    assert made["stale"]
    assert workbench("tag", demo, "--reaffirm", made["id"], "--reason", "Its links carry it.").status == 0
    (again,) = tags(demo)
    cited = {each["ref"] for each in again["cites"]}
    assert again["stale"] == []
    assert gone not in cited
    assert read["ref"] in cited
    assert cited & links(demo)


def test_new_evidence_alone_makes_nothing_stale_but_a_copy_that_differs_does(tmp_path: Path) -> None:
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    key = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333",
           "accessKeyId": "AKIAEXAMPLE000000001", "userName": "ann"}  # fmt: skip
    workbench("add", case, write(tmp_path / "a.json", trail([record(1, userIdentity=key), record(2)])))
    tag(case, events(case, "identity:ann")[0]["ref"], "--as", "attributed")
    workbench("add", case, write(tmp_path / "b.json", trail([record(3), record(4, userIdentity=key)])))
    assert tags(case)[0]["stale"] == []
    said = workbench(
        "add",
        case,
        write(tmp_path / "c.json", trail([record(1, userIdentity=key, sourceIPAddress="192.0.2.99")])),
    )
    assert len(events(case, "disposition:conflict")) == 1
    (made,) = tags(case)
    standing = events(case, "tag:*")
    assert len(standing) == 1
    # Which copy is primary does not depend on the order; the tagged one is stale exactly if it is the conflicting one.
    assert bool(made["stale"]) is (standing[0]["disposition"] == "conflict")
    assert ("stale: T-" in said.err) is bool(made["stale"])


def test_a_tag_follows_its_event_to_the_fuller_copy(tmp_path: Path) -> None:
    """The reference of a duplicate leads to its event: a fuller copy that arrives later is shown, and it is tagged."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    workbench("add", case, write(tmp_path / "a.json", trail([record(1, requestParameters=...)])))
    before = events(case, "")[0]
    tag(case, before["ref"], "--as", "inferred")
    workbench("add", case, write(tmp_path / "b.json", trail([record(1)])))
    (after,) = events(case, "")
    assert after["ref"] != before["ref"]
    assert after["tag"] == "inferred"
    assert tags(case)[0]["missing"] == 0


def test_the_tables_are_a_function_of_the_journal(demo: Path) -> None:
    ref = secret_read(demo)["ref"]
    first = tag(demo, ref, "--as", "inferred").out.strip().decode()
    tag(demo, ref, "--as", "unproven", "--reason-code", "insufficient", "--resolve", "The sign-in log.")
    workbench("tag", demo, "--review", first, "--examiner", "B. Second")
    workbench("note", demo, f"See {ref}.")
    workbench("note", demo, "Nothing else.")
    workbench("evidence", demo, ref[:12], "--withdraw", "--reason", "Not ours.")
    from workbench.casefile.case_writer import write_case

    def tables(path: Path) -> dict[str, list[Any]]:
        with CaseReader.open(path) as reader:
            return {
                name: reader._connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                for name in ("claim", "claim_review", "tagged_event", "withdrawn", "projected")
            }

    kept = tables(demo)
    assert kept["claim"]
    assert kept["withdrawn"]
    with write_case(demo, "t") as writer, writer.transaction():
        writer.claims.rebuild()
    assert tables(demo) == kept


def test_a_tag_cites_what_another_says_and_no_more(demo: Path) -> None:
    ref = secret_read(demo)["ref"]
    other = events(demo, "verb:read_secret identity:pay-api outcome:success credential:*")[0]["ref"]
    premise = tag(demo, other, "--as", "inferred").out.strip().decode()
    assert "P4" in tag(demo, ref, "--as", "attributed", "--cite", premise, "--cite", ref, status=1).err
    tag(demo, ref, "--as", "inferred", "--cite", premise, "--cite", ref)
    workbench("tag", demo, other, "--as", "unproven", "--reason", "The premise does not hold.")
    dependant = tags(demo)[0] if tags(demo)[0]["id"] != premise else tags(demo)[1]
    assert any("was inferred, is unproven now" in each for each in dependant["stale"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["5b1fe902:1", "--as", "attributed", "--reason", "x y z"], "content hash of no evidence"),
        (["nonsense", "--as", "attributed", "--reason", "x y z"], "is not a record reference"),
        (["S-000000000000", "--as", "inferred", "--reason", "x y z"], "no session"),
        (["--filter", "identity:nobody", "--as", "inferred", "--reason", "x y z"], "no event passes"),
        (["--supersede", "T-000000000000", "--as", "inferred", "--reason", "x y z"], "T-000000000000"),
    ],
)
def test_what_is_not_there_is_said(demo: Path, arguments: list[str], said: str) -> None:
    answer = workbench("tag", demo, *arguments)
    assert answer.status == 2
    assert said in answer.err


def test_hostile_text_of_a_responder_is_shown_and_not_obeyed(demo: Path) -> None:
    nasty = "It was \x1b]52;c;x\x07 her \u202e and \udc80 no other."
    tag(demo, secret_read(demo)["ref"], "--as", "inferred", reason=nasty)
    shown = workbench("tag", demo).out.decode()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert json.loads(workbench("tag", demo, "--json").out)["reason"].startswith("It was")


def test_versions_from_two_copies_of_a_case_both_stand(demo: Path, tmp_path: Path) -> None:
    """Two responders supersede one tag in copies of a case: taken together nothing is lost, and both show."""
    from workbench.casefile.case_writer import write_case

    ref = secret_read(demo)["ref"]
    first = tag(demo, ref, "--as", "inferred").out.strip().decode()
    copy = Path(shutil.copy(demo, tmp_path / "copy.case"))
    tag(demo, ref, "--as", "unproven", reason="The key was shared here.")
    tag(copy, ref, "--as", "unproven", reason="The key was shared there.")
    with CaseReader.open(copy) as reader:
        entries = list(reader.journal())
    for _ in range(2):
        with write_case(demo, "t") as writer, writer.transaction():
            for number, entry in enumerate(entries, 1):
                writer.claims.take_in(number, entry)
    standing = tags(demo)
    assert {each["id"] for each in standing} == {first}
    assert {each["reason"] for each in standing} == {"The key was shared here.", "The key was shared there."}
    assert len(workbench("tag", demo, "--history", first, "--json").lines) == 3


def test_what_an_unchecked_reader_reads_is_never_attributed(tmp_path: Path) -> None:
    """A mapping file can call anything a credential: no sample has checked it, so it binds nothing."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    mapping = tmp_path / "acme.toml"
    mapping.write_text(
        '[mapping]\nname = "acme-vpn"\nversion = 1\ntitle = "ACME"\n[recognise]\nequal = { product = "vpn" }\n'
        '[time]\npath = "ts"\n[act]\nservice = { is = "vpn" }\naction = "event"\n'
        '[identity]\nid = "user"\nkind = { is = "undecided" }\nreason = "a name alone decides nothing"\n'
        '[credential]\nid = "key"\ntype = "acme vpn session"\n'
    )
    logs = tmp_path / "vpn.jsonl"
    line = {"product": "vpn", "ts": "2024-05-01T10:00:00Z", "event": "login", "user": "ann", "key": "K1"}
    logs.write_text(json.dumps(line) + "\n")
    assert workbench("add", case, logs, "--mapping", mapping).status == 0
    (event,) = events(case, "")
    assert event["credential"] == "K1"
    said = tag(case, event["ref"], "--as", "attributed", status=1)
    assert "A1" in said.err
    shown = workbench("tag", case, event["ref"], "--json").object["machine"]
    assert shown["level"] is None
    assert "checked against no sample" in shown["caveats"][0]


@pytest.mark.parametrize("key", ["ASIAXXXXXXXXXXXXXXXX", "AKIAIOSFODNN7EXAMPLE", "REDACTED", None])
def test_what_stands_in_place_of_a_key_binds_nothing(tmp_path: Path, key: str | None) -> None:
    """One mask stands over the keys of many; a console session is known by a name and a second, which nobody made as a mark."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    who = {
        "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333",
        "userName": "ann", "accessKeyId": key, "sessionContext": {
            "attributes": {"creationDate": "2026-02-01T10:00:00Z", "mfaAuthenticated": "true"}
        },
    }  # fmt: skip
    workbench("add", case, write(tmp_path / "a.json", trail([record(1, userIdentity=who)])))
    (event,) = events(case, "")
    shown = workbench("tag", case, event["ref"], "--json").object["machine"]
    assert shown["level"] is None
    said = tag(case, event["ref"], "--as", "attributed", status=1)
    assert "A1" in said.err


def test_a_session_parted_by_client_and_pauses_is_attributed_as_a_credential_only(tmp_path: Path) -> None:
    """That the uses of a key that is kept for long are one session is a guess, however well its making is shown."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    made = record(
        1, eventTime="2026-02-03T09:00:00Z", eventSource="iam.amazonaws.com", eventName="CreateAccessKey",
        responseElements={"accessKey": {"accessKeyId": "AKIAEXAMPLE000000099", "userName": "ann"}},
    )  # fmt: skip
    who = {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ann", "accountId": "111122223333",
           "accessKeyId": "AKIAEXAMPLE000000099", "userName": "ann"}  # fmt: skip
    used = record(2, eventTime="2026-02-03T10:00:00Z", userIdentity=who)
    workbench("add", case, write(tmp_path / "a.json", trail([made, used])))
    (event,) = events(case, "credential:AKIAEXAMPLE000000099")
    said = tag(case, event["ref"], "--as", "attributed", "--level", "session", status=1)
    assert "that the events belong to the session is not proven" in said.err
    tag(case, event["ref"], "--as", "attributed")


def test_what_to_do_about_a_mixed_selection_is_said_and_works(demo: Path) -> None:
    """A session with a call that a service forwarded with a key of its own: the filter that is named has the others."""
    session = "S-d8e01bb7c07e"
    given = ("--as", "attributed", "--level", "session", "--subject", session)
    said = tag(demo, session, *given, status=1).err
    assert "leave out what is named here: the filter session:" in said
    query = said.partition("the filter ")[2].partition(" has the 9 others")[0]
    tag(demo, "--filter", query, *given)
    (made,) = tags(demo)
    assert (made["as"], made["events"]) == ("attributed", 9)


def test_what_a_mixed_selection_is_made_of_is_named(demo: Path) -> None:
    given = ("S-d8e01bb7c07e", "--as", "attributed", "--level", "session")
    said = tag(demo, *given, "--subject", "S-d8e01bb7c07e", status=1).err
    assert "P5: 1 of 10 events has" in said
    assert "55e01f21:72056 (with ASIAYCWS2TAA5CWAQ6TF)" in said
    said = workbench("tag", demo, *given, "--reason", "It carries the key.").err
    assert "arn:aws:iam::555566667777:role/DeployAdmin (7)" in said
    assert "arn:aws:sts::555566667777:assumed-role/DeployAdmin/deploy (3)" in said


def test_what_came_after_a_tag_was_written_is_shown_beside_it(tmp_path: Path) -> None:
    """The view of then stays as it was; where the links say something else now, and have more events, both are shown."""
    case = tmp_path / "a.case"
    workbench("new", case, "--title", "t")
    arn = "arn:aws:sts::111122223333:assumed-role/deploy/run"
    key = {"type": "AssumedRole", "arn": arn, "principalId": "AROAEXAMPLE000000001:run", "accountId": "111122223333",
           "accessKeyId": "ASIAEXAMPLE000000001", "sessionContext": {"sessionIssuer": {
               "type": "Role", "principalId": "AROAEXAMPLE000000001", "userName": "deploy", "accountId": "111122223333",
               "arn": "arn:aws:iam::111122223333:role/deploy"}}}  # fmt: skip
    late = {"eventTime": "2026-02-03T10:05:00Z", "userIdentity": key}
    issued = {"accessKeyId": "ASIAEXAMPLE000000001", "expiration": "Feb 3, 2026, 11:00:00 AM"}
    opened = record(
        9,
        eventTime="2026-02-03T10:00:00Z",
        eventSource="sts.amazonaws.com",
        eventName="AssumeRole",
        requestParameters={
            "roleArn": "arn:aws:iam::111122223333:role/deploy",
            "roleSessionName": "run",
        },
        responseElements={
            "credentials": issued,
            "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLE000000001:run", "arn": arn},
        },
    )
    workbench("add", case, write(tmp_path / "a.json", trail([record(1, **late)])))
    session = events(case, "")[0]["session"]
    tag(case, session, "--as", "inferred")
    (then,) = tags(case)
    assert (then["machine"], then["uncovered"]) == (then["machine_now"], 0)
    shown = workbench("tag", case).out.decode()
    assert "when it was written (journal entry" in shown
    assert "links now" not in shown
    workbench("add", case, write(tmp_path / "b.json", trail([opened, record(2, **late), record(3, **late)])))
    assert {each["session"] for each in events(case, "identity:deploy")} == {session}
    (now,) = tags(case)
    assert now["machine"] == then["machine"]
    assert now["machine"]["beyond"] == "the record that opened the session is not in the evidence"
    assert (now["machine_now"]["level"], now["uncovered"]) == ("session", 2)
    shown = " ".join(workbench("tag", case).out.decode().split())
    assert "links now support level session" in shown
    assert "the session has now 2 more events that this tag does not cover" in shown


def test_the_parts_of_the_sum_of_tags_add_up(demo: Path) -> None:
    one, two, three = (each["ref"] for each in events(demo, "session:S-e7a40f395b33 credential:*")[:3])
    tag(demo, one, two, "--as", "inferred")
    tag(demo, two, "--as", "unproven", "--subject", "somebody else")
    tag(demo, three, "--as", "unproven")
    every = len(events(demo, ""))
    said = workbench("tag", demo).err.splitlines()[-1]
    assert said == (
        f"events: 1 inferred, 1 unproven, 1 under tags that say different things, {every - 3:,} untagged; {every:,} in all"
    )


def test_what_a_sentence_is_and_what_excluded_means_is_said(demo: Path) -> None:
    event = secret_read(demo)
    said = tag(demo, event["ref"], "--as", "attributed", reason="Pentest, agreed.", status=1).err
    assert "the reason has 2 words; a sentence of at least 3 words is needed" in said
    said = tag(demo, event["ref"], "--as", "excluded", reason="It was an agreed pentest.", status=1).err
    assert "excluded says that the subject did not do it" in said
    assert "--act authorised" in said
    assert "did NOT do" in " ".join(workbench("tag", "--help").out.decode().split())


@pytest.mark.parametrize("name", ["Ann  Trial", " ann\u00a0trial ", "\uff21nn Trial", "Ann\u200b Trial"])
def test_the_author_by_another_spelling_is_no_second_person(demo: Path, name: str) -> None:
    ref = secret_read(demo)["ref"]
    made = tag(demo, ref, "--as", "inferred", "--examiner", "Ann Trial").out.strip().decode()
    said = workbench("tag", demo, "--review", made, "--examiner", name)
    assert said.status == 1
    assert "P6" in said.err


def test_the_id_of_a_tag_shows_that_tag(demo: Path) -> None:
    event = secret_read(demo)
    name = tag(demo, event["ref"], "--as", "attributed").out.decode().strip()
    history = workbench("tag", demo, "--history", name)
    for typed in (name, name[:8], name.lower().replace("t-", "T-")):
        assert workbench("tag", demo, typed).out == history.out
    assert (
        workbench("tag", demo, name, "--json").out == workbench("tag", demo, "--history", name, "--json").out
    )
    assert "nothing is called" in workbench("tag", demo, "T-000000000000").err
    said = workbench("tag", demo, name, "--as", "inferred", "--reason", "I think so.")
    assert said.status == 2
    assert f"{name} is a tag: --supersede takes its place" in said.err
    assert len(tags(demo)) == 1
