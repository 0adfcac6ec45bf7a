"""What was said before binds what is said now: no override and no rule of promotion is laundered (P2, P3, section 1.5)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims.make import ARN, KEY, OTHER, document, event, kept, keyed, link, opened, past, tag
from workbench.claims.past import Past, is_new, overridden, same_act
from workbench.claims.tags import accepted, judged, lacks
from workbench.errors import ClaimRefusedError
from workbench.model.claim import Grade, Level, Tag
from workbench.model.session import Strength

UNPROVEN = tag(grade=Grade.UNPROVEN)
FORCED = tag(
    override="The deadline is near.",
    overrode=tuple(map(str, judged(tag(), [keyed()], [past(UNPROVEN)]).refused)),
)
RECORD_SHOWS = document(shows=f"It says that {KEY} was hers.")


def said(found: Tag, *before: Past, override: str | None = None, **more: Any) -> Tag:
    return accepted(found, judged(found, [keyed()], before, **more), override)


def gone(body: Tag, reason: str | None = None, **more: Any) -> Past:
    return past(body, superseded_by="f" * 64, retracted=reason, **more)


def test_an_override_is_given_once_and_stays() -> None:
    again = said(tag(reason="It was surely her, again."), gone(UNPROVEN), past(FORCED, version=2))
    assert again.override == FORCED.override
    assert again.overrode == FORCED.overrode
    assert again.carried is not None
    assert "version 2 by Ann" in again.carried
    assert "override" in {each.rule for each in lacks(kept(again))}


@pytest.mark.parametrize("blank", ["", "   ", "\u200b\t", "\u2060"])
@pytest.mark.parametrize("refused", [True, False])
def test_a_blank_override_is_refused_with_words(blank: str, refused: bool) -> None:
    before = [past(UNPROVEN)] if refused else []
    with pytest.raises(ClaimRefusedError, match="blank"):
        said(tag(), *before, override=blank)


def test_an_override_goes_once_something_new_carries_the_claim_by_itself() -> None:
    before = (gone(UNPROVEN), past(FORCED))
    for new in (event(OTHER), link(Strength.PROVEN), RECORD_SHOWS):
        found = tag(subject=KEY, cites=(event(), new))
        by_itself = said(found, *before)
        assert by_itself.override is None
        assert said(found, *before, past(by_itself)).override is None
    # A document of which nobody says that it shows the subject, and a record that carries nothing of it, are nothing new.
    assert said(tag(cites=(event(), document())), *before).override is not None
    assert said(tag(cites=(event(), event(OTHER))), *before, direct=set()).override is not None


def test_something_new_that_does_not_satisfy_the_rule_leaves_the_override() -> None:
    stranger = tag(subject="Robert", override="I know him.", overrode=("A2: nothing",))
    with pytest.raises(ClaimRefusedError, match="A2"):
        said(tag(subject="Robert", cites=(event(), event(OTHER))), past(stranger))
    told = said(
        tag(subject="Robert", cites=(event(), event(OTHER))), past(stranger), override="I do know him."
    )
    assert told.override == "I do know him."
    assert "A2: nothing" in told.overrode
    assert "I know him." in (told.carried or "")


def test_what_says_less_does_not_bear_it_and_what_then_says_as_much_does() -> None:
    humble = said(tag(grade=Grade.INFERRED), gone(UNPROVEN), past(FORCED))
    assert humble.override is None
    with pytest.raises(ClaimRefusedError, match="P3"):
        said(tag(), gone(UNPROVEN), gone(FORCED), past(humble))
    back = said(tag(), gone(UNPROVEN), gone(FORCED), past(humble), override="Again.")
    assert FORCED.override is not None
    assert FORCED.override in (back.carried or "")


@pytest.mark.parametrize("before", [past(FORCED), gone(FORCED), gone(FORCED, "It was too early.")])
def test_neither_a_new_tag_nor_taking_back_nor_one_event_less_begins_anew(before: Past) -> None:
    wide = [keyed(3)]
    assert accepted(tag(wide), judged(tag(wide), wide, [before]), None).override == FORCED.override


@pytest.mark.parametrize("before", [past(UNPROVEN), gone(UNPROVEN), gone(UNPROVEN, "It was too early.")])
def test_p2_what_was_taken_back_was_said(before: Past) -> None:
    assert [each.rule for each in judged(tag(), [keyed()], [before]).refused] == ["P2"]


def test_p2_a_premise_known_before_is_not_new_for_being_left_out_in_between() -> None:
    first = gone(tag(cites=(event(), event(OTHER))))
    open_ = past(UNPROVEN)
    found = tag(cites=(event(), event(OTHER)))
    assert [each.rule for each in judged(found, [keyed()], [first, open_]).refused] == ["P2"]
    # What was cited only after it had been unproven was new then, and a claim taken back can be made again by it.
    assert judged(found, [keyed()], [gone(UNPROVEN), gone(found, "By mistake.")]).refused == []


def test_p2_many_events_do_not_hide_the_one_that_was_unproven() -> None:
    wide = [keyed(5)]
    one = past(UNPROVEN, shared={3})
    others = past(tag(wide, grade=Grade.INFERRED, would_change="A badge record."), shared={0, 1})
    found = tag(wide, closes="The badge log was read.")
    assert [each.rule for each in judged(found, wide, [one, others]).refused] == ["P2"]
    stands = past(tag(wide), shared={0, 1, 2, 4})
    assert [each.rule for each in judged(found, wide, [one, others, stands]).refused] == ["P2"]
    assert judged(found, wide, [one, others, past(tag(wide), shared={0, 1, 3})]).refused == []


def test_what_is_excluded_is_not_on_the_way_to_being_attributed() -> None:
    """An override of the opposite goes nowhere, and the opposite does not stand in for what was unproven."""
    forced = tag(grade=Grade.EXCLUDED, override="It cannot be.", overrode=("A5: the records bind events",))
    assert said(tag(), past(forced)).override is None
    assert said(tag(grade=Grade.EXCLUDED, subject="eve"), past(FORCED)).override is None
    opposite = past(tag(grade=Grade.EXCLUDED))
    assert [each.rule for each in judged(tag(), [keyed()], [opposite, past(UNPROVEN)]).refused] == ["P2"]


SUBJECTS = [ARN, ARN.upper(), KEY, "S-000000000001", "ann", "\uff21nn"]


@given(st.sampled_from(SUBJECTS), st.sampled_from(SUBJECTS))
def test_a_holder_is_the_same_by_every_name_of_the_records(one: str, other: str) -> None:
    bindings = [keyed(names=("ann",))]
    found, earlier = tag(subject=one), tag(subject=other, grade=Grade.UNPROVEN)
    assert same_act(found, bindings, earlier)
    assert not same_act(found, bindings, tag(subject="eve"))
    assert not same_act(tag(subject="eve"), bindings, earlier)


def test_what_was_said_of_the_key_is_under_what_is_said_of_the_person_and_not_the_other_way() -> None:
    bindings = [opened()]
    of_key = tag(grade=Grade.UNPROVEN)
    of_person = tag(grade=Grade.UNPROVEN, level=Level.PERSON, subject="Ann Example")
    holder = tag(level=Level.ACCOUNT_HOLDER, subject="Ann Example")
    assert same_act(holder, bindings, of_key)
    assert same_act(holder, bindings, of_person)
    assert not same_act(tag(), bindings, of_person)
    assert not same_act(tag(), bindings, tag(grade=Grade.UNPROVEN, level=Level.ACCOUNT_HOLDER))
    somebody = tag(level=Level.ACCOUNT_HOLDER, subject="Eve", grade=Grade.UNPROVEN)
    assert not same_act(holder, bindings, somebody)


VERSIONS = st.lists(
    st.tuples(st.sampled_from(list(Grade)), st.booleans(), st.booleans(), st.booleans()), max_size=6
)


@given(VERSIONS)
def test_however_often_it_is_said_the_same_records_never_launder_an_override(
    versions: list[tuple[Grade, bool, bool, bool]],
) -> None:
    """Whatever is said of one event in whatever order: attributed without a new record after unproven bears an override."""
    before = [gone(UNPROVEN)]
    for grade, stands, force, settled in versions:
        found = tag(grade=grade, closes="Settled." if settled else None)
        try:
            made = said(found, *before, override="It must be." if force else None)
        except ClaimRefusedError:
            continue
        if grade is Grade.ATTRIBUTED:
            assert made.override
        before.append(past(made) if stands else gone(made))


def test_nothing_said_before_holds_nothing() -> None:
    assert overridden(tag(), []) is None
    assert is_new(tag(), [], None)
