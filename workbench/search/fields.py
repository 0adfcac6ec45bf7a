"""The fields a query can name: one registry for the parser, the error messages and the help."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

from workbench.model.claim import Grade
from workbench.model.event import IdentityKind, OutcomeStatus, Verb
from workbench.model.evidence import Disposition

_NEAR = 80
"""Likeness in percent from which an unknown name counts as a mistyped field. At 80 the usual slips (a letter
lost, doubled or swapped, a plural) are caught, while no AWS service prefix (``events``, ``identitystore``)
is."""


class FieldKind(enum.Enum):
    """How the values of a field are compared."""

    TEXT = "text"
    CHOICE = "choice"
    TIME = "time"


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One thing about an event that a query can ask for.

    Attributes:
        name: How queries and messages name it.
        description: One line for help screens.
        example: A condition on it as one would type it.
        kind: How its values are compared.
        aliases: Other names that mean the same.
        choices: For ``FieldKind.CHOICE``, all the values there are, in lower case.
    """

    name: str
    description: str
    example: str
    kind: FieldKind = FieldKind.TEXT
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The name and all aliases."""
        return (self.name, *self.aliases)


def _choice(
    name: str, description: str, example: str, choices: Iterable[str], aliases: tuple[str, ...] = ()
) -> Field:
    return Field(name, description, example, FieldKind.CHOICE, aliases, tuple(map(str, choices)))


FIELDS: tuple[Field, ...] = (
    Field("time", "when it happened, UTC", "time:[2023-07-10T11 TO 2023-07-11]", FieldKind.TIME),
    Field("source", "kind of log", "source:aws.cloudtrail"),
    Field("service", "service that recorded it", "service:secretsmanager"),
    Field("action", "operation as the log names it", "action:GetSecretValue"),
    _choice("verb", "kind of act", "verb:read_secret", Verb),
    Field(
        "identity",
        "whose credential was presented",
        "identity:arn:aws:iam::*:user/ci",
        aliases=("user", "actor", "principal"),
    ),
    _choice("kind", "what the identity is", "kind:nonhuman", IdentityKind, aliases=("identity_kind",)),
    Field(
        "credential",
        "credential or session key presented",
        "credential:AKIA*",
        aliases=("key", "access_key", "session_key", "used"),
    ),
    Field("session", "session it belongs to or opened", "session:S-64e4bd29aa8e"),
    Field("issued", "credential that the act handed out", "issued:ASIA*"),
    Field(
        "behalf",
        "whom the identity acted for, or as",
        "behalf:alice*",
        aliases=("on_behalf_of", "impersonated"),
    ),
    Field(
        "address",
        "where the request came from; also a network",
        "address:192.0.2.0/24",
        aliases=("ip", "src"),
    ),
    Field("user_agent", "client's own description", 'ua:"Boto3/1.26 md"*', aliases=("ua", "agent")),
    _choice("outcome", "how it ended", "outcome:denied", OutcomeStatus),
    Field("error", "error code of what did not succeed", "error:*Denied*"),
    Field("resource", "thing acted upon", "resource:arn:aws:s3:::backups/*"),
    Field("changed", "field that the record says was changed", "changed:*policy*"),
    Field("withheld", "what the log left out or redacted", "withheld:*parameters*"),
    Field("account", "account, subscription or project", "account:111122223333"),
    Field("tenant", "directory or customer above it", "tenant:8f2c*"),
    Field("region", "region", "region:us-*"),
    Field("device", "source's id of the client device", "device:d1*"),
    Field("raw", "anywhere in the record as it stands", "raw:0.0.0.0/0", aliases=("record",)),
    Field("request_id", "source's id of the request", "request:6d1a*", aliases=("request",)),
    Field(
        "correlation", "id that acts of one change share", "correlation:52d1*", aliases=("correlation_id",)
    ),
    Field("event_id", "source's id of the event, or what makes one", "id:*0f8c*", aliases=("id",)),
    Field("category", "log's own category", "category:Data"),
    _choice("tampers", "an act on the logging itself", "tampers:true", ("true", "false")),
    Field("warning", "what is odd about the record", "warning:*rewritten*", aliases=("warnings",)),
    Field("evidence", "evidence file it stands in", "evidence:*2023/07/10*", aliases=("file",)),
    _choice(
        "disposition",
        "what became of its record",
        "disposition:conflict",
        # The other dispositions are of records that hold no event.
        (
            Disposition.PRIMARY,
            Disposition.CONFLICT,
            Disposition.DUPLICATE,
            Disposition.CONTINUATION,
            Disposition.WITHDRAWN,
        ),
    ),
    _choice("tag", "what responders say of it", "tag:attributed", (*Grade, "untagged")),
)
"""All fields, in the order in which help lists them."""


def _key(name: str) -> str:
    """Fold case and word joints: ``userAgent``, ``user-agent`` and ``user_agent`` are one name."""
    return name.casefold().replace("_", "").replace("-", "")


_BY_KEY = {_key(name): field for field in FIELDS for name in field.names}


def find(name: str) -> Field | None:
    """Return the field of this name or alias, if there is one. Case, ``_`` and ``-`` do not count."""
    return _BY_KEY.get(_key(name))


def nearest(word: str, candidates: Iterable[str] | None = None) -> tuple[str, bool]:
    """Return the candidate most like a mistyped word, and whether it is so like it that it must be meant.

    Args:
        word: What was typed.
        candidates: What could have been meant; all field names and aliases by default.
    """
    # Loaded on the first mistake, so that opening a case does not wait for it.
    from rapidfuzz import fuzz, process

    known = list(candidates) if candidates is not None else [name for field in FIELDS for name in field.names]
    best, score, _ = process.extractOne(word.casefold(), known, scorer=fuzz.ratio)
    return best, score >= _NEAR
