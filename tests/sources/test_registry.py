"""The registry: who is asked, what happens when several readers know a record, and what a mapping file adds."""

from __future__ import annotations

import pytest

from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.registry import READERS, Readers, native_form


class Rival(DocumentReader):
    """Claims what another reader claims too."""

    version = 1
    title = "a rival"
    needs = "nothing"
    hints = frozenset({"eventsource"})

    def __init__(self, source: str = "mapping.rival") -> None:
        self.source = source

    def recognises(self, document: dict[str, object]) -> str:
        return "it has an eventSource"

    def read(self, document: dict[str, object], context: Context) -> Reading:
        raise NotImplementedError


RECORD: dict[str, object] = {"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity"}


def test_one_reader_knows_a_record_and_says_by_what() -> None:
    (claim,) = Readers().claims(RECORD)
    assert claim.reader.source == "aws.cloudtrail"
    assert "eventSource" in claim.reason


def test_two_readers_are_both_named() -> None:
    claims = Readers([Rival()]).claims(RECORD)
    assert [claim.reader.source for claim in claims] == ["aws.cloudtrail", "mapping.rival"]
    assert all(claim.reason for claim in claims)


@pytest.mark.parametrize("chosen", ["aws.cloudtrail", "mapping.rival"])
def test_the_responder_decides(chosen: str) -> None:
    (claim,) = Readers([Rival()], chosen=chosen).claims(RECORD)
    assert claim.reader.source == chosen


def test_a_choice_does_not_touch_what_only_one_reader_knows() -> None:
    (claim,) = Readers(chosen="openai.audit").claims(RECORD)
    assert claim.reader.source == "aws.cloudtrail"


def test_a_document_without_any_hint_is_nobodys() -> None:
    assert Readers([Rival()]).claims({"nothing": "known"}) == []
    assert Readers().claims({}) == []


def test_names_are_unique_and_known() -> None:
    assert len({reader.source for reader in READERS}) == len(READERS)
    with pytest.raises(KeyError, match="no source 'nope'"):
        Readers(chosen="nope")
    with pytest.raises(KeyError, match="same name"):
        Readers([Rival(), Rival()])


def test_a_source_from_a_mapping_has_no_form_of_its_own() -> None:
    assert native_form("mapping.rival", RECORD) is RECORD
    assert native_form("aws.cloudtrail", {"userIdentity.type": "Root"}) == {"userIdentity": {"type": "Root"}}
