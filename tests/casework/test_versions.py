"""One id, two versions of a record, and one key, two acts: from records to what a tag is told they support."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.casework.command import workbench
from tests.casework.logs import Record, trail, write
from tests.casework.logs import record as made

KEY = "ASIA2JAXTESTAAAAAAAA"
ROLE = "arn:aws:iam::111122223333:role/deploy"


def user(name: str) -> dict[str, Any]:
    return {
        "type": "IAMUser",
        "principalId": f"AIDA2JAX{name.upper()}QQQQQQQQ",
        "arn": f"arn:aws:iam::111122223333:user/{name}",
        "accountId": "111122223333",
        "accessKeyId": f"AKIA2JAX{name.upper()}AAAAAAAA"[:20],
        "userName": name,
    }


def issue(number: int, who: str, **changes: Any) -> Record:
    return made(number) | {
        "eventTime": "2026-02-03T10:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRole",
        "userIdentity": user(who),
        "requestParameters": {"roleArn": ROLE, "roleSessionName": "s"},
        "responseElements": {
            "credentials": {"accessKeyId": KEY, "expiration": "Feb 3, 2026, 11:00:00 AM"},
            "assumedRoleUser": {
                "arn": ROLE.replace(":iam:", ":sts:").replace("role/", "assumed-role/") + "/s"
            },
        },
        **changes,
    }


def use(number: int, **changes: Any) -> Record:
    return made(number) | {
        "eventTime": "2026-02-03T10:05:00Z",
        "eventName": "ListBuckets",
        "requestParameters": None,
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROA2JAXTESTBBBBBBBBB:s",
            "arn": "arn:aws:sts::111122223333:assumed-role/deploy/s",
            "accountId": "111122223333",
            "accessKeyId": KEY,
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "accountId": "111122223333"}},
        },
        **changes,
    }


Told = dict[str, Any]


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., tuple[Told, Told, str]]:
    """Add records, each in a file of its own, and return the key's session, its link, and what tags are told of a use."""

    def tell(*records: Record) -> tuple[Told, Told, str]:
        case = tmp_path / "test.case"
        files = [write(tmp_path / f"{n}.json", trail([one])) for n, one in enumerate(records)]
        workbench("new", case, "--title", "t")
        assert workbench("add", case, *files).status == 0
        session = next(one for one in workbench("sessions", case, "--json").lines if one["credential"] == KEY)
        link = next(
            one
            for one in workbench("links", case, "--json").lines
            if one["to"] == session["id"] and one["relation"] == "issued"
        )
        (event, *_) = workbench("events", case, f"session:{session['id']}", "--json").lines
        return session, link, workbench("tag", case, event["ref"]).out.decode()

    return tell


def test_two_users_got_one_key_in_one_second(told: Callable[..., tuple[Told, Told, str]]) -> None:
    session, link, view = told(issue(1, "ann"), issue(2, "bob"), use(3))
    assert (session["strength"], session["parent"]) == ("inferred", None)
    assert (link["strength"], len(link["rivals"])) == ("inferred", 1)
    assert "support level credential" in view
    assert "handed out by 2 acts" in " ".join(view.split())


def test_one_request_recorded_under_two_event_ids_is_one_act(
    told: Callable[..., tuple[Told, Told, str]],
) -> None:
    again = issue(1, "ann", eventID="11111111-2222-4333-8444-555555555555")
    session, link, view = told(issue(1, "ann"), again, use(3))
    assert (session["strength"], link["strength"], link["rivals"]) == ("proven", "proven", [])
    assert "support level session" in view


def test_who_asked_for_a_key_differs_between_two_versions(
    told: Callable[..., tuple[Told, Told, str]],
) -> None:
    session, link, view = told(issue(1, "ann"), issue(1, "bob"), use(3))
    assert (session["strength"], link["strength"]) == ("inferred", "inferred")
    assert any("2 versions under one id" in each and "principal" in each for each in link["caveats"])
    assert "support level credential" in view


def test_versions_that_agree_in_what_links_rest_on_take_nothing(
    told: Callable[..., tuple[Told, Told, str]],
) -> None:
    session, link, view = told(issue(1, "ann"), issue(1, "ann", userAgent="curl/8"), use(3))
    assert (session["strength"], link["strength"], link["caveats"]) == ("proven", "proven", [])
    assert "support level session" in view


@pytest.mark.parametrize("fuller", [False, True])
def test_a_tag_of_a_record_in_two_versions_is_told_that_neither_is_proven(
    told: Callable[..., tuple[Told, Told, str]], fuller: bool
) -> None:
    """The version that is shown first is no better than the other."""
    other = json.loads(json.dumps(use(3)))
    other["userIdentity"]["accessKeyId"] = "ASIA2JAXTESTCCCCCCCC"
    if fuller:
        other["addendum"] = {"reason": "UPDATED_DATA"}
    session, link, view = told(issue(1, "ann"), use(3), other)
    assert (session["membership"], link["strength"]) == ("inferred", "inferred")
    words = " ".join(view.split())
    assert "which differ in credential: nothing in it is proven" in words
    assert "support level" not in words


def test_versions_stand_in_one_order_whatever_order_they_came_in(tmp_path: Path) -> None:
    """Nothing but where they stand tells versions of one record apart in time or name."""
    versions = [issue(1, who) for who in ("ann", "bob", "cid", "dan", "eve")]
    links = []
    for name, order in (("there", versions), ("back", versions[::-1])):
        case = tmp_path / f"{name}.case"
        workbench("new", case, "--title", "t")
        for number, one in enumerate([*order, use(2)]):
            assert workbench("add", case, write(tmp_path / f"{name}-{number}.json", trail([one]))).status == 0
        issued = [one for one in workbench("links", case, "--json").lines if one["relation"] == "issued"]
        assert max(len(one["rivals"]) for one in issued) == len(versions) - 1
        links.append([one | {"evidence": sorted(one["evidence"])} for one in issued])
    assert links[0] == links[1]
