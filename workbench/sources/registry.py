"""All source readers. A new source is one line here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from workbench.sources.anthropic_activity import AnthropicReader
from workbench.sources.auth0_log import Auth0Reader
from workbench.sources.aws_bedrock import BedrockReader
from workbench.sources.aws_cloudtrail import CloudTrailReader
from workbench.sources.aws_s3access import S3AccessReader
from workbench.sources.aws_vpcflow import VpcFlowReader
from workbench.sources.azure import AzureActivityReader, AzureStorageReader, KeyVaultReader
from workbench.sources.document import LAYOUTS, LONGEST_LAYOUT, fold
from workbench.sources.ecs import EcsReader
from workbench.sources.github_audit import GitHubReader
from workbench.sources.gitlab_audit import GitLabReader
from workbench.sources.google import CloudAuditReader, WorkspaceReader
from workbench.sources.interning import Remembered
from workbench.sources.k8s_audit import KubernetesReader
from workbench.sources.linux import AuditdReader, JournalReader, SyslogReader
from workbench.sources.microsoft import (
    EntraAuditReader,
    EntraSignInReader,
    GraphActivityReader,
    UnifiedAuditReader,
)
from workbench.sources.ocsf import OcsfReader
from workbench.sources.okta_system import OktaReader
from workbench.sources.onepassword import AuditReader as OnePasswordAuditReader
from workbench.sources.onepassword import ItemUsageReader, SignInReader
from workbench.sources.openai_audit import OpenAiReader
from workbench.sources.plaso import PlasoReader
from workbench.sources.protocol import SourceReader
from workbench.sources.snapshot import SnapshotReader
from workbench.sources.snowflake import LoginReader as SnowflakeLoginReader
from workbench.sources.snowflake import QueryReader as SnowflakeQueryReader
from workbench.sources.teleport import TeleportReader
from workbench.sources.vault_audit import VaultReader

READERS: tuple[SourceReader, ...] = (
    CloudTrailReader(),
    S3AccessReader(),
    VpcFlowReader(),
    BedrockReader(),
    OktaReader(),
    EntraSignInReader(),
    EntraAuditReader(),
    GraphActivityReader(),
    UnifiedAuditReader(),
    AzureActivityReader(),
    KeyVaultReader(),
    AzureStorageReader(),
    CloudAuditReader(),
    WorkspaceReader(),
    Auth0Reader(),
    SignInReader(),
    ItemUsageReader(),
    OnePasswordAuditReader(),
    SnowflakeLoginReader(),
    SnowflakeQueryReader(),
    AnthropicReader(),
    GitHubReader(),
    GitLabReader(),
    KubernetesReader(),
    VaultReader(),
    OpenAiReader(),
    TeleportReader(),
    SyslogReader(),
    JournalReader(),
    AuditdReader(),
    OcsfReader(),
    EcsReader(),
    PlasoReader(),
    SnapshotReader(),
)
"""Every reader that comes with the workbench."""

_BY_NAME = {reader.source: reader for reader in READERS}


class Claim(NamedTuple):
    """A reader that would take a record, and the marks by which it knows it."""

    reader: SourceReader
    reason: str


_Marks = tuple[tuple[str, frozenset[str]], ...]


class _Candidate(NamedTuple):
    """A reader that may know objects with certain keys.

    Attributes:
        reader: The reader.
        marks: Keys of which one must have one of some values; none if the keys suffice.
    """

    reader: SourceReader
    marks: _Marks


class Readers:
    """The readers of one run: those of the workbench, and those made from mapping files.

    Attributes:
        all: The readers in the order in which they are listed.
    """

    def __init__(self, added: Iterable[SourceReader] = (), *, chosen: str | None = None) -> None:
        """Prepare to be asked.

        Args:
            added: Readers made from mapping files.
            chosen: Name of the source that takes a record which several claim.

        Raises:
            KeyError: If two readers have one name, or none has the chosen one; says which.
        """
        added = tuple(added)
        self.all: tuple[SourceReader, ...] = (*READERS, *added)
        self._by_name = {**_BY_NAME, **{reader.source: reader for reader in added}}
        if len(self._by_name) < len(self.all):
            raise KeyError("two mapping files have the same name")
        if chosen is not None and chosen not in self._by_name:
            raise KeyError(f"there is no source {chosen!r}")
        self._chosen = None if chosen is None else self._by_name[chosen]
        self._candidates: Remembered[tuple[str, ...], tuple[_Candidate, ...]] = Remembered(
            self._hinted, entries=LAYOUTS, longest=LONGEST_LAYOUT
        )

    def claims(self, document: dict[str, object]) -> list[Claim]:
        """Return every reader that recognises a decoded, unwrapped document; one if the responder chose among them."""
        found = []
        for reader, marks in self._candidates[tuple(document)]:
            if (not marks or _is_marked(document, marks)) and (reason := reader.recognises(document)):
                found.append(Claim(reader, reason))
        return self._decided(found)

    def claims_of_line(self, line: str) -> list[Claim]:
        """Return every reader that recognises a line of a text log; one if the responder chose among them."""
        return self._decided(
            [Claim(reader, reason) for reader in self.all if (reason := reader.recognises_line(line))]
        )

    def _decided(self, claims: list[Claim]) -> list[Claim]:
        if len(claims) > 1:
            return [claim for claim in claims if claim.reader is self._chosen] or claims
        return claims

    def _hinted(self, keys: tuple[str, ...]) -> tuple[_Candidate, ...]:
        """Return the readers that may know an object with these keys."""
        names = {key: fold(key) for key in keys}
        found = []
        for reader in self.all:
            hints = reader.hints.intersection(names.values())
            if not hints:
                continue
            marks = tuple((key, reader.marks[name]) for key, name in names.items() if name in reader.marks)
            telling = bool(reader.beside) or not hints <= reader.marks.keys()
            if telling and (not reader.beside or not reader.beside.isdisjoint(names.values())):
                found.append(_Candidate(reader, ()))
            elif marks:
                found.append(_Candidate(reader, marks))
        return tuple(found)


_FOLDED: Remembered[str, str] = Remembered(fold)
"""Values of keys that tell the log, folded."""


def _is_marked(document: dict[str, object], marks: _Marks) -> bool:
    for key, values in marks:
        value = document[key]
        if type(value) is str and _FOLDED[value] in values:
            return True
    return False


def native_form(source: str, document: dict[str, object]) -> dict[str, object]:
    """Return a document in the form in which copies that came through different exports are compared.

    Args:
        source: Name of the source; one made from a mapping file has no form of its own.
        document: As decoded and unwrapped.
    """
    reader = _BY_NAME.get(source)
    return document if reader is None else reader.native(document)
