from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.saas import JSON, broken, event_of, filled, sample, spellings
from workbench.model.event import Credential, IdentityKind, OutcomeStatus, Resource, ResourceRole, Verb
from workbench.sources.protocol import Context
from workbench.sources.snowflake import LoginReader, QueryReader
from workbench.sources.snowflake_statements import STATEMENTS, makes_credential

LOGIN_READER, QUERY_READER = LoginReader(), QueryReader()

LOGIN: dict[str, Any] = {
    "EVENT_ID": 5001,
    "EVENT_TIMESTAMP": "2031-03-04 05:06:07.089 -0800",
    "EVENT_TYPE": "LOGIN",
    "USER_NAME": "SVC_ETL",
    "CLIENT_IP": "203.0.113.50",
    "REPORTED_CLIENT_TYPE": "PYTHON_DRIVER",
    "REPORTED_CLIENT_VERSION": "3.1",
    "FIRST_AUTHENTICATION_FACTOR": "RSA_KEYPAIR",
    "FIRST_AUTHENTICATION_FACTOR_ID": 77,
    "SECOND_AUTHENTICATION_FACTOR": None,
    "IS_SUCCESS": "YES",
    "ERROR_CODE": None,
    "RELATED_EVENT_ID": 0,
    "ACCOUNT_NAME": "PROD",
    "ORGANIZATION_NAME": "EXAMPLE",
}
QUERY: dict[str, Any] = {
    "QUERY_ID": "01b0-aaaa",
    "QUERY_TEXT": "copy into 's3://example-bucket/out/?token=abc' from crm.public.people",
    "QUERY_TYPE": "UNLOAD",
    "DATABASE_NAME": "CRM",
    "SCHEMA_NAME": "PUBLIC",
    "SESSION_ID": 9001,
    "USER_NAME": "SVC_ETL",
    "USER_TYPE": "SERVICE",
    "ROLE_NAME": "ETL",
    "WAREHOUSE_NAME": "WH",
    "EXECUTION_STATUS": "SUCCESS",
    "ERROR_CODE": None,
    "START_TIME": "2031-03-04T05:06:07.089Z",
}


def test_a_login() -> None:
    event = event_of(LOGIN_READER, LOGIN)
    assert event.time.micros == 1930395967089000  # eight hours behind UTC
    assert (event.act.action, event.act.verb, event.act.category) == (
        "LOGIN",
        Verb.AUTHENTICATE,
        "RSA_KEYPAIR",
    )
    assert event.identity is not None
    assert (event.identity.canonical, event.identity.account) == ("SVC_ETL", "PROD")
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("snowflake credential", "77")
    assert event.address is not None
    assert event.address.ip == "203.0.113.50"
    assert event.outcome.status is OutcomeStatus.SUCCESS
    assert (event.place.account, event.place.tenant, event.native_id) == ("PROD", "EXAMPLE", "5001")


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"FIRST_AUTHENTICATION_FACTOR": "PASSWORD"}, IdentityKind.UNDECIDED),
        (
            {"FIRST_AUTHENTICATION_FACTOR": "PASSWORD", "SECOND_AUTHENTICATION_FACTOR": "DUO_PUSH"},
            IdentityKind.HUMAN,
        ),
        (
            {"FIRST_AUTHENTICATION_FACTOR": "PASSWORD", "SECOND_AUTHENTICATION_FACTOR": "null"},
            IdentityKind.UNDECIDED,
        ),
        (
            {
                "FIRST_AUTHENTICATION_FACTOR": "PASSWORD",
                "SECOND_AUTHENTICATION_FACTOR": "DUO_PUSH",
                "IS_SUCCESS": "NO",
            },
            IdentityKind.UNDECIDED,
        ),
        ({"FIRST_AUTHENTICATION_FACTOR": "PROGRAMMATIC_ACCESS_TOKEN"}, IdentityKind.NONHUMAN),
        ({"USER_NAME": None}, IdentityKind.UNDECIDED),
    ],
)
def test_who_is_a_person(values: dict[str, Any], kind: IdentityKind) -> None:
    assert event_of(LOGIN_READER, {**LOGIN, **values}).kind.kind is kind


def test_failures_that_snowflake_left_out_are_told() -> None:
    record = {
        **LOGIN,
        "IS_SUCCESS": "NO",
        "ERROR_CODE": 390156,
        "ERROR_MESSAGE": "OVERFLOW_FAILURE_EVENTS_ELIDED",
    }
    event = event_of(LOGIN_READER, record)
    assert (event.outcome.status, event.outcome.code) == (
        OutcomeStatus.DENIED,
        "OVERFLOW_FAILURE_EVENTS_ELIDED",
    )
    assert event.particulars is not None
    assert event.particulars.withheld


def test_a_time_without_zone_is_in_an_unknown_zone() -> None:
    record = {**LOGIN, "EVENT_TIMESTAMP": "2031-03-04 05:06:07.089"}
    assert event_of(LOGIN_READER, record).time.micros is None
    assert event_of(LOGIN_READER, record, Context(timezone="UTC")).time.micros == 1930367167089000
    assert event_of(LOGIN_READER, {**record, "p_event_time": "x"}).time.micros == 1930367167089000


def test_a_query() -> None:
    event = event_of(QUERY_READER, QUERY)
    assert event.time.micros == 1930367167089000
    assert (event.act.action, event.act.verb) == ("UNLOAD", Verb.READ)
    assert event.kind.kind is IdentityKind.NONHUMAN
    assert event.credential == Credential("snowflake session", "9001")
    assert event.resources == (
        Resource("snowflake:location", "s3://example-bucket/out/"),
        Resource("snowflake:database", "CRM", ResourceRole.SOURCE),
        Resource("snowflake:schema", "PUBLIC", ResourceRole.SOURCE),
        Resource("snowflake:warehouse", "WH", ResourceRole.SOURCE),
        Resource("snowflake:role", "ETL", ResourceRole.SOURCE),
    )
    assert event.native_id == "01b0-aaaa"
    assert event.address is None


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        ("SUCCESS", None, OutcomeStatus.SUCCESS),
        ("FAIL", "2003", OutcomeStatus.FAILED),
        ("FAILED_WITH_ERROR", "003001", OutcomeStatus.DENIED),
        ("RUNNING", None, OutcomeStatus.UNKNOWN),
        (None, None, OutcomeStatus.UNKNOWN),
    ],
)
def test_how_a_statement_ended(state: str | None, code: str | None, status: OutcomeStatus) -> None:
    assert (
        event_of(QUERY_READER, {**QUERY, "EXECUTION_STATUS": state, "ERROR_CODE": code}).outcome.status
        is status
    )


@pytest.mark.parametrize(
    ("statement", "verb"),
    [
        ("SELECT", Verb.READ),
        ("create_user", Verb.CREATE),
        ("GRANT", Verb.DELEGATE),
        ("DROP_TABLE", Verb.DELETE),
        ("ALTER_NETWORK_POLICY", Verb.UPDATE),
        ("EXECUTE_TASK", Verb.EXECUTE),
        ("UNKNOWN", Verb.UNCLASSIFIED),
        ("", Verb.UNCLASSIFIED),
    ],
)
def test_verbs(statement: str, verb: Verb) -> None:
    assert STATEMENTS[statement][0] is verb


@pytest.mark.parametrize(
    ("statement", "text", "makes"),
    [
        ("ALTER_USER", "ALTER USER svc SET RSA_PUBLIC_KEY='MIIB'", True),
        ("ALTER_USER", "alter user if exists svc add programmatic access token t", True),
        ("ALTER_USER", "ALTER USER svc SET COMMENT = 'x'", False),
        ("SELECT", "ALTER USER svc SET RSA_PUBLIC_KEY='MIIB'", False),
    ],
)
def test_a_new_key_for_a_user_is_a_credential(statement: str, text: str, makes: bool) -> None:
    assert makes_credential(statement, text) is makes


def test_no_secret_of_a_statement_is_copied() -> None:
    record = {
        **QUERY,
        "QUERY_TYPE": "ALTER_USER",
        "QUERY_TEXT": "ALTER USER a SET PASSWORD = 'hunter2hunter2'",
    }
    assert "hunter2" not in repr(event_of(QUERY_READER, record))
    assert "token=" not in repr(event_of(QUERY_READER, QUERY))


def test_a_statement_that_was_cut_is_told() -> None:
    event = event_of(QUERY_READER, {**QUERY, "QUERY_TEXT": "x" * 100_000})
    assert event.particulars is not None
    assert event.particulars.withheld == ("QUERY_TEXT: cut at 100000 characters",)


@pytest.mark.parametrize(("reader", "record"), [(LOGIN_READER, LOGIN), (QUERY_READER, QUERY)])
def test_spellings_give_the_same_event(reader: Any, record: dict[str, Any]) -> None:
    for how, spelt in spellings(record):
        assert event_of(reader, spelt) == event_of(reader, record), how


def test_each_row_has_one_reader_and_others_none() -> None:
    assert not QUERY_READER.recognises(LOGIN)
    assert not LOGIN_READER.recognises(QUERY)
    redshift = {"query_id": 1, "query_text": "select 1", "query_type": "SELECT", "status": "success"}
    assert not QUERY_READER.recognises(redshift)


@given(broken(LOGIN) | broken(QUERY) | st.dictionaries(st.sampled_from([*LOGIN, *QUERY]), JSON))
def test_nothing_raises(record: dict[str, Any]) -> None:
    for reader in (LOGIN_READER, QUERY_READER):
        reader.recognises(record)
        assert reader.read(record, Context()).event is not None


def test_published_samples(datasets: Path) -> None:
    logins = [event_of(LOGIN_READER, record) for record in sample(datasets, "Snowflake.LoginHistory")]
    assert filled(logins) == {
        "time": 10, "raw time": 10, "action": 10, "verb": 10, "identity": 10, "credential": 0, "used": 0,
        "issued": 0, "address": 10, "agent": 10, "outcome": 10, "resources": 0, "id": 10,
    }  # fmt: skip
    queries = [event_of(QUERY_READER, record) for record in sample(datasets, "Snowflake.QueryHistory")]
    assert filled(queries) == {
        "time": 0, "raw time": 0, "action": 2, "verb": 2, "identity": 2, "credential": 0, "used": 0,
        "issued": 0, "address": 0, "agent": 0, "outcome": 2, "resources": 1, "id": 0,
    }  # fmt: skip
