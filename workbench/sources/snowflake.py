"""Snowflake ``LOGIN_HISTORY`` and ``QUERY_HISTORY``: rows of the account usage views or the information schema, JSON or CSV.

Columns: docs.snowflake.com, Account Usage, LOGIN_HISTORY view and QUERY_HISTORY view. Their times are TIMESTAMP_LTZ, which
Snowflake writes in the time zone of the session that exports them: a time without a zone is not known to be UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.model.event import (
    Event,
    IdentityKind,
    KindReason,
    Outcome,
    OutcomeStatus,
    Place,
    Resource,
    ResourceRole,
    Verb,
)
from workbench.sources import parts
from workbench.sources.document import Document
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.snowflake_statements import STATEMENTS, makes_credential

_CREDENTIAL = "snowflake credential"
_SESSION = "snowflake session"

_ELIDED = "OVERFLOW_FAILURE_EVENTS_ELIDED"
"""Error message of a row that stands for failed sign-ins which Snowflake did not record one by one (code 390156)."""

_MACHINE_FACTORS = {
    # Factors that no prompt asks for.
    "RSA_KEYPAIR": "a key pair",
    "PROGRAMMATIC_ACCESS_TOKEN": "a programmatic access token",
    "WORKLOAD_IDENTITY": "the identity of a workload",
    "OAUTH_CLIENT_CREDENTIALS": "a client",
}
_USER_TYPES = {
    "PERSON": IdentityKind.HUMAN,
    "SERVICE": IdentityKind.NONHUMAN,
    "LEGACY_SERVICE": IdentityKind.NONHUMAN,
    "SNOWFLAKE_SERVICE": IdentityKind.SERVICE,
}
_STATUS = {
    "SUCCESS": OutcomeStatus.SUCCESS,
    "FAIL": OutcomeStatus.FAILED,
    "INCIDENT": OutcomeStatus.FAILED,
    "FAILED_WITH_ERROR": OutcomeStatus.FAILED,
    "FAILED_WITH_INCIDENT": OutcomeStatus.FAILED,
}
_NULLS = frozenset({"null", "NULL", "\\N"})
_NO_PRIVILEGES = 3001
"""SQL access control error: insufficient privileges."""

_LONGEST_TEXT = 100_000
"""Characters of a statement that QUERY_HISTORY keeps."""

_UNLOAD = re.compile(
    r"\s*COPY\s+INTO\s+'?((?:@|s3\w*://|gcs://|azure://)[^\s';?]{1,1000})", re.IGNORECASE | re.ASCII
)


class LoginReader(DocumentReader):
    """Reads sign-ins. A row names the factor and, in newer exports, the credential; never the session it starts."""

    source = "snowflake.login"
    version = 1
    title = "Snowflake login history"
    needs = "SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY for the period, all columns; kept one year"
    checked_against = "published samples edited by hand"
    hints = frozenset({"issuccess", "reportedclienttype", "firstauthenticationfactor"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a row of LOGIN_HISTORY."""
        fields = Document(document)
        if fields.has("IS_SUCCESS") and fields.has("REPORTED_CLIENT_TYPE", "FIRST_AUTHENTICATION_FACTOR"):
            return "columns IS_SUCCESS and REPORTED_CLIENT_TYPE or FIRST_AUTHENTICATION_FACTOR"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one row."""
        fields = Document(document)
        time = parts.moment(fields, "EVENT_TIMESTAMP", context)
        action = _text(fields, "EVENT_TYPE") or ""
        known = action.upper() in ("LOGIN", "LOGOUT")
        event = Event(
            time=time,
            act=parts.act(
                "snowflake",
                action,
                Verb.AUTHENTICATE if known else Verb.UNCLASSIFIED,
                "EVENT_TYPE is a sign-in or sign-out" if known else "no rule",
                _text(fields, "FIRST_AUTHENTICATION_FACTOR"),
            ),
            identity=parts.identity(_text(fields, "USER_NAME"), account=_account(fields)),
            kind=_login_kind(fields),
            credential=parts.credential(_CREDENTIAL, _text(fields, "FIRST_AUTHENTICATION_FACTOR_ID")),
            address=parts.address(_text(fields, "CLIENT_IP")),
            user_agent=parts.user_agent(_text(fields, "REPORTED_CLIENT_TYPE")),
            outcome=_login_outcome(fields),
            place=_place(fields),
            native_id=_text(fields, "EVENT_ID"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                used=tuple(
                    key
                    for key in (
                        parts.credential(_CREDENTIAL, _text(fields, "SECOND_AUTHENTICATION_FACTOR_ID")),
                    )
                    if key
                ),
                withheld=("failed sign-ins: " + _ELIDED,)
                if _text(fields, "ERROR_MESSAGE") == _ELIDED
                else (),
            ),
        )
        return Reading(event=event)


class QueryReader(DocumentReader):
    """Reads statements. The session of a statement is named; its address is only in the login history."""

    source = "snowflake.query"
    version = 1
    title = "Snowflake query history"
    needs = "SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY for the period, all columns; kept one year"
    checked_against = "published samples edited by hand"
    hints = frozenset({"querytext", "queryid"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a row of QUERY_HISTORY."""
        fields = Document(document)
        if not fields.has("QUERY_TEXT", "QUERY_ID"):
            return ""
        # Other warehouses have columns of these names too; only Snowflake's have one of the following beside them.
        if fields.has("EXECUTION_STATUS"):
            return "columns QUERY_TEXT or QUERY_ID, and EXECUTION_STATUS"
        return (
            "columns QUERY_TYPE and WAREHOUSE_NAME"
            if fields.has("QUERY_TYPE") and fields.has("WAREHOUSE_NAME")
            else ""
        )

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one row."""
        fields = Document(document)
        time = parts.moment(fields, "START_TIME", context)
        statement = _text(fields, "QUERY_TYPE") or ""
        text = _text(fields, "QUERY_TEXT") or ""
        verb, rule = STATEMENTS[statement]
        if makes_credential(statement, text):
            verb, rule = Verb.ISSUE_CREDENTIAL, "QUERY_TEXT: gives a user a key or token"
        event = Event(
            time=time,
            act=parts.act("snowflake", statement, verb, rule),
            identity=parts.identity(_text(fields, "USER_NAME"), account=_account(fields)),
            kind=_query_kind(fields),
            credential=parts.credential(_SESSION, _text(fields, "SESSION_ID")),
            address=None,
            user_agent=None,
            outcome=_query_outcome(fields),
            place=_place(fields),
            resources=tuple(_resources(fields, text)),
            native_id=_text(fields, "QUERY_ID"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(
                withheld=tuple(_withheld(text)),
                correlation_id=_text(fields, "ROOT_QUERY_ID", "PARENT_QUERY_ID"),
            ),
        )
        return Reading(event=event)


def _text(fields: Document, *columns: str) -> str | None:
    """Return the text of the first column that has one; exports write SQL's null as text."""
    for column in columns:
        text = fields.text(column)
        if text is not None and text not in _NULLS:
            return text
    return None


def _declared(fields: Document) -> KindReason | None:
    declared = (_text(fields, "USER_TYPE") or "").upper()
    return parts.kind(_USER_TYPES[declared], f"USER_TYPE is {declared}") if declared in _USER_TYPES else None


def _account(fields: Document) -> str | None:
    return _text(fields, "ACCOUNT_NAME", "READER_ACCOUNT_NAME", "ACCOUNT_LOCATOR")


def _place(fields: Document) -> Place:
    return parts.place(_account(fields), _text(fields, "REGION"), _text(fields, "ORGANIZATION_NAME"))


def _login_kind(fields: Document) -> KindReason:
    if not _text(fields, "USER_NAME"):
        return parts.kind(IdentityKind.UNDECIDED, "no user is named")
    declared = _declared(fields)
    if declared is not None:
        return declared
    factor = (_text(fields, "FIRST_AUTHENTICATION_FACTOR") or "").upper()
    if factor in _MACHINE_FACTORS:
        return parts.kind(IdentityKind.NONHUMAN, f"FIRST_AUTHENTICATION_FACTOR is {_MACHINE_FACTORS[factor]}")
    if _text(fields, "SECOND_AUTHENTICATION_FACTOR") and fields.flag("IS_SUCCESS"):
        return parts.kind(IdentityKind.HUMAN, "SECOND_AUTHENTICATION_FACTOR was given")
    return parts.kind(IdentityKind.UNDECIDED, "one factor that a program can present as well as a person")


def _query_kind(fields: Document) -> KindReason:
    if not _text(fields, "USER_NAME"):
        return parts.kind(IdentityKind.UNDECIDED, "no user is named")
    return _declared(fields) or parts.kind(IdentityKind.UNDECIDED, "a statement does not show who typed it")


def _login_outcome(fields: Document) -> Outcome:
    success = fields.flag("IS_SUCCESS")
    code = _text(fields, "ERROR_MESSAGE", "ERROR_CODE")
    if success is None:
        return parts.outcome(OutcomeStatus.UNKNOWN, code)
    return parts.outcome(OutcomeStatus.SUCCESS if success else OutcomeStatus.DENIED, code)


def _query_outcome(fields: Document) -> Outcome:
    """Tell how a statement ended; the other states (RUNNING, QUEUED, BLOCKED, …) say that it has not."""
    state = (_text(fields, "EXECUTION_STATUS") or "").upper()
    status = _STATUS.get(state, OutcomeStatus.UNKNOWN)
    if status is OutcomeStatus.FAILED and fields.number("ERROR_CODE") == _NO_PRIVILEGES:
        status = OutcomeStatus.DENIED
    code = _text(fields, "ERROR_CODE")
    return parts.outcome(status, code or (None if status is OutcomeStatus.SUCCESS else state or None))


def _resources(fields: Document, text: str) -> Iterator[Resource]:
    """Return where a COPY INTO wrote to, and the database, schema, warehouse and role in use when it ran."""
    unload = _UNLOAD.match(text)
    if unload is not None:
        yield parts.resource("snowflake:location", unload[1])
    for kind, column in (
        ("snowflake:database", "DATABASE_NAME"),
        ("snowflake:schema", "SCHEMA_NAME"),
        ("snowflake:warehouse", "WAREHOUSE_NAME"),
        ("snowflake:role", "ROLE_NAME"),
    ):
        name = _text(fields, column)
        if name:
            yield parts.resource(kind, name, ResourceRole.SOURCE)


def _withheld(text: str) -> Iterator[str]:
    if len(text) >= _LONGEST_TEXT:
        yield f"QUERY_TEXT: cut at {_LONGEST_TEXT} characters"
    if text.strip().lower() == "<redacted>":
        yield "QUERY_TEXT: redacted"
