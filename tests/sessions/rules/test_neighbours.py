"""What fits by principal, address and time: a hint that never grows into a proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sessions.world_maker import HOUR, SERVICE, Story, Who, lasting, user
from workbench.clock import SECOND
from workbench.model.event import Address, AddressKind, Identity, Resource, Verb
from workbench.model.session import Strength

ANN = user("ann")
KEYED = Who(ANN, lasting("1"))
BARE = Who(ANN, source="entra.audit")


@given(st.integers(1, 15))
def test_an_address_that_many_share_says_nothing(people: int) -> None:
    """Ten identities at one address make it an office or a proxy."""
    story = Story()
    story.does(KEYED)
    story.does(BARE)
    for number in range(people - 1):
        story.does(Who(user(f"other{number}"), lasting(f"o{number}")).at("198.51.100.7", "curl"))
    links = story.outcome().by_rule("same-client")
    assert bool(links) == (people <= 10)
    assert all(link.strength is Strength.INFERRED for link in links)


def test_the_same_principal_goes_before_the_same_agent() -> None:
    story = Story()
    own = story.does(KEYED)
    story.does(Who(user("bob"), lasting("2")))
    bare = story.does(BARE)
    outcome = story.outcome()
    (link,) = outcome.by_rule("same-client")
    assert (link.source.id, link.target.id) == (outcome.session(own).id, outcome.session(bare).id)
    assert "principal = principal" in link.fields


def test_two_keys_of_one_principal_at_one_address_are_rivals() -> None:
    story = Story()
    story.does(KEYED)
    story.does(Who(ANN, lasting("2")))
    story.does(BARE)
    assert [link.rival_count for link in story.outcome().by_rule("same-client")] == [1, 1]


@pytest.mark.parametrize(
    "bare",
    [
        BARE.at("203.0.113.9"),
        BARE._replace(identity=user("bob")).at("198.51.100.7", "curl"),
        BARE._replace(kind=SERVICE),
        BARE._replace(address=Address("AWS Internal", AddressKind.INTERNAL)),
    ],
    ids=["another address", "another principal and agent", "a service", "no address"],
)
def test_what_does_not_fit_is_not_linked(bare: Who) -> None:
    story = Story()
    story.does(KEYED)
    story.does(bare)
    assert story.outcome().by_rule("same-client") == []


def test_neighbours_never_become_parents() -> None:
    story = Story()
    story.does(KEYED)
    bare = story.does(BARE)
    session = story.outcome().session(bare)
    assert (session.parent, session.strength) == (None, Strength.UNPROVEN)


@given(st.lists(st.integers(-600, 2 * 3600), max_size=4), st.booleans())
def test_a_token_made_for_an_account_within_the_hour_is_inferred(ages: list[int], named: bool) -> None:
    story = Story()
    account = "billing@acme.iam.gserviceaccount.com"
    for age in ages:
        target = Resource(
            "gcp:service-account", f"projects/-/serviceAccounts/{account if named else 'other@acme'}"
        )
        story.does(
            Who(user("ann"), lasting("1"), source="gcp.audit"),
            "GenerateAccessToken",
            -age * SECOND,
            verb=Verb.ISSUE_CREDENTIAL,
            on=[target],
        )
    story.does(Who(Identity(account, account), source="gcp.audit").at("203.0.113.9"))
    links = story.outcome().by_rule("impersonation")
    fitting = sum(0 <= age <= 3600 for age in ages) if named else 0
    assert len(links) == fitting
    assert all((link.strength, link.rival_count) == (Strength.INFERRED, fitting - 1) for link in links)


def test_an_hour_and_more_apart_is_no_neighbour() -> None:
    for gap, linked in ((HOUR, True), (HOUR + SECOND, False)):
        story = Story()
        story.does(KEYED)
        story.does(BARE, at=gap)
        assert bool(story.outcome().by_rule("same-client")) is linked
