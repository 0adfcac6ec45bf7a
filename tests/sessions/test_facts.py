"""Which events rules look at one by one."""

from __future__ import annotations

import pytest

from workbench.model.event import Act, Verb
from workbench.sessions.facts import ENDINGS, may_revoke, watched


@pytest.mark.parametrize("verb", Verb)
def test_sign_ins_and_issues_are_always_watched(verb: Verb) -> None:
    expected = verb in (Verb.AUTHENTICATE, Verb.ISSUE_CREDENTIAL)
    assert watched(Act("any", "any", verb, "")) is expected


@pytest.mark.parametrize("action", sorted(ENDINGS))
def test_ends_of_sessions_are_watched_whatever_their_verb(action: str) -> None:
    assert watched(Act("any", action, Verb.UNCLASSIFIED, ""))


def test_taking_back_is_a_deletion_or_its_own_act() -> None:
    assert may_revoke(Act("iam", "DeleteAccessKey", Verb.DELETE, ""))
    assert may_revoke(Act("vault", "revoke", Verb.UPDATE, ""))
    assert not may_revoke(Act("iam", "CreateAccessKey", Verb.ISSUE_CREDENTIAL, ""))
