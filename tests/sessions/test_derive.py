"""The whole second pass over random stories: what must hold whatever the records say."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sessions.stories import stories
from tests.sessions.world_maker import NOON, Story, cited
from workbench.model.event import Credential
from workbench.model.session import EndKind, Link, Relation, Session, Strength

MANY = settings(max_examples=50)


def key_of(link: Link) -> list[Credential]:
    """The keys that a link says it joins."""
    found = []
    for field in link.fields:
        kind, _, value = field.removeprefix("issued ").partition(": ")
        found.append(Credential(kind.partition(" = ")[0], value))
    return found


@MANY
@given(stories())
def test_what_is_proven_stands_in_both_records(story: Story) -> None:
    """No rule joins as proven without an equal identifier on both: checked against the story, not the link's own words."""
    outcome = story.outcome()
    members = outcome.members()
    for link in outcome.links:
        if link.strength is not Strength.PROVEN:
            continue
        assert not link.rival_count
        assert not link.contradicted
        if link.relation is Relation.SAME_ACT:
            one, other = (outcome.by_row[end.event or 0] for end in (link.source, link.target))
            assert one.shared is not None
            assert (one.shared, one.who.source) == (other.shared, other.who.source)
            assert one is not other
        elif link.relation is Relation.ISSUED:
            act = outcome.by_row[link.source.event or 0]
            assert act.succeeded is not False
            for key in key_of(link):
                assert key in {one.credential for one in act.issued}
                if link.target.kind is EndKind.SESSION:
                    assert any(key in done.presented for done in members[link.target.id])
                    assert any(key in done.presented for done in cited(link, outcome))
        else:
            assert link.relation is Relation.SAME_SUBJECT


@MANY
@given(stories())
def test_a_session_hangs_as_proven_only_where_its_key_was_issued(story: Story) -> None:
    outcome = story.outcome()
    members = outcome.members()
    for one in outcome.derived.sessions:
        if one.parent is None or one.strength is not Strength.PROVEN:
            continue
        presented = {key for done in members[one.id] for key in done.presented}
        handed_out = {each.credential for done in members[one.parent] for each in done.issued}
        assert presented & handed_out


@MANY
@given(stories())
def test_every_event_is_in_one_session_and_counted_once(story: Story) -> None:
    """Own, forwarded, or the opener of a session; only a forwarded call that fits several callers has no home."""
    outcome = story.outcome()
    folds = {each.event for each in outcome.derived.folds}
    openers = {event for event, _ in outcome.derived.openers}
    counted: Counter[str] = Counter()
    for row, done in outcome.by_row.items():
        homes = outcome.homes(done)
        assert len(homes) == 1 or (not homes and row in folds), done
        if row not in openers:
            counted.update(homes)
    assert counted == Counter(
        {one.id: one.events + one.forwarded + one.forwarded_open for one in outcome.derived.sessions}
    )
    assert all(one.events == sum(one.verbs.values()) for one in outcome.derived.sessions)


@MANY
@given(stories(), st.integers(0, 2**16))
def test_the_order_and_the_numbers_of_rows_do_not_matter(story: Story, seed: int) -> None:
    assert story.outcome(seed).told() == story.outcome().told()


@MANY
@given(stories())
def test_chains_are_as_strong_as_their_weakest_hop_and_end(story: Story) -> None:
    outcome = story.outcome()
    order = [Strength.PROVEN, Strength.INFERRED, Strength.ASSERTED, Strength.UNPROVEN]
    for one in outcome.derived.sessions:
        seen = set()
        step: Session | None = one
        while step is not None and step.parent is not None:
            assert step.id not in seen
            seen.add(step.id)
            assert order.index(one.chain) >= order.index(step.strength)
            step = outcome.sessions[step.parent]


@MANY
@given(stories())
def test_ids_are_given_once(story: Story) -> None:
    outcome = story.outcome()
    for things in (
        outcome.derived.sessions,
        outcome.links,
        outcome.derived.identities,
        outcome.derived.matches,
        outcome.derived.credentials,
    ):
        ids = [one.id for one in things]  # type: ignore[attr-defined]
        assert len(ids) == len(set(ids))


@MANY
@given(stories())
def test_every_hole_says_what_would_close_it(story: Story) -> None:
    for link in story.outcome().links:
        hole = EndKind.NOTHING in (link.source.kind, link.target.kind)
        assert hole == (link.strength is Strength.UNPROVEN)
        assert hole == (link.closes is not None)


@MANY
@given(stories())
def test_every_link_cites_events_and_names_fields(story: Story) -> None:
    outcome = story.outcome()
    for link in outcome.links:
        assert link.evidence or link.rule == "secret-read"  # cites a search instead
        assert set(link.evidence) <= outcome.by_row.keys()
        assert link.fields or link.rule in ("origin", "issuer-origin")


@MANY
@given(stories())
def test_times_of_sessions_are_those_of_the_records(story: Story) -> None:
    """Nothing is shifted, whatever clocks say: a time is that of an event, of an expiry, or stands in the key."""
    outcome = story.outcome()
    told = {done.time for done in story.events} | {
        one.expires for done in story.events for one in done.issued
    }
    for one in outcome.derived.sessions:
        assert one.start in told or (
            one.start_basis.value == "native" and abs((one.start or 0) - NOON) <= 1_000_000
        )
        assert one.end in told


@pytest.mark.campaign
@settings(max_examples=5_000, suppress_health_check=[HealthCheck.too_slow])
@given(stories(most=14), st.integers(0, 2**16))
def test_all_of_it_over_many_stories(story: Story, seed: int) -> None:
    for name, test in list(globals().items()):
        if name.startswith("test_") and name != "test_all_of_it_over_many_stories":
            inner = test.hypothesis.inner_test
            inner(story, seed) if "order" in name else inner(story)
