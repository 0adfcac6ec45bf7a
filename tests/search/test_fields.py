from __future__ import annotations

import pytest

from workbench.model.event import IdentityKind, OutcomeStatus, Verb
from workbench.search import parse
from workbench.search.fields import FIELDS, FieldKind, find, nearest
from workbench.search.query import Term, TimeRange


def test_no_two_fields_share_a_name() -> None:
    names = [name for field in FIELDS for name in field.names]
    assert len(names) == len(set(names))
    for field in FIELDS:
        for name in field.names:
            assert find(name) is field
            assert find(name.upper().replace("_", "-")) is field
            assert find(name.replace("_", "")) is field
    assert find("nope") is None


def test_every_example_is_a_condition_on_its_field() -> None:
    for field in FIELDS:
        query = parse(field.example)
        if field.kind is FieldKind.TIME:
            assert isinstance(query, TimeRange)
        else:
            assert isinstance(query, Term)
            assert query.field is field


def test_choices_are_those_of_the_model() -> None:
    for name, choices in (("verb", Verb), ("kind", IdentityKind), ("outcome", OutcomeStatus)):
        field = find(name)
        assert field is not None
        assert field.choices == tuple(member.value for member in choices)
        assert all(type(choice) is str for choice in field.choices)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("acton", "action"),
        ("actions", "action"),
        ("adress", "address"),
        ("identiy", "identity"),
        ("usr", "user"),
        ("tme", "time"),
        ("verbs", "verb"),
        ("resorce", "resource"),
        ("ACCOUNTS", "account"),
        ("outcom", "outcome"),
        ("regoin", "region"),
    ],
)
def test_slips_are_recognised(typed: str, meant: str) -> None:
    assert nearest(typed) == (meant, True)


def test_other_names_are_not_taken_for_slips() -> None:
    for name in ("s3", "kms", "events", "identitystore", "resource-groups", "securityagent", "system"):
        assert not nearest(name)[1]


def test_nearest_of_given_candidates() -> None:
    assert nearest("redd", ("read", "create")) == ("read", False)
    assert nearest("creates", ("read", "create")) == ("create", True)
    assert nearest("\ud800", ("read",)) == ("read", False)
