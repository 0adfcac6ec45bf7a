"""Names that one system hands on to the next: what makes even the number of a service account no proof."""

from __future__ import annotations

import pytest

from tests.sessions.world_maker import Story, Who
from workbench.model.event import Identity, Resource, Verb
from workbench.model.session import Strength

ADMIN = Who(Identity("admin@corp.test", "admin"), source="google.workspace")
NUMBER = "112233445566778899001"


def shown(story: Story, address: str, *, succeeded: bool | None = True) -> None:
    """A record of Google Cloud that names an account by both."""
    both = [Resource("iam:service_account", name) for name in (address, NUMBER)]
    who = Who(Identity("ops@corp.test", "ops"), source="gcp.audit")
    story.does(who, "CreateServiceAccountKey", verb=Verb.ISSUE_CREDENTIAL, on=both, succeeded=succeeded)


def delegated(story: Story) -> list[tuple[str, Strength]]:
    client = Resource("oauth:client", NUMBER)
    story.does(ADMIN, "AUTHORIZE_API_CLIENT_ACCESS", verb=Verb.DELEGATE, on=[client])
    return sorted((link.target.id, link.strength) for link in story.outcome().by_rule("domain-delegation"))


def test_the_number_of_a_service_account_proves_which_it_is() -> None:
    story = Story()
    shown(story, "sync@acme.test")
    shown(story, "sync@acme.test")
    assert delegated(story) == [("sync@acme.test", Strength.PROVEN)]


def test_two_accounts_of_one_number_prove_neither() -> None:
    story = Story()
    shown(story, "sync@acme.test")
    shown(story, "other@acme.test")
    found = delegated(story)
    assert found == [("other@acme.test", Strength.INFERRED), ("sync@acme.test", Strength.INFERRED)]


@pytest.mark.parametrize(("succeeded", "links"), [(False, 0), (True, 1)])
def test_what_was_asked_for_and_refused_names_nobody(succeeded: bool, links: int) -> None:
    story = Story()
    shown(story, "victim@acme.test", succeeded=succeeded)
    assert len(delegated(story)) == links
