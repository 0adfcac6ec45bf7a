"""Policies in normal form allow what they allowed, and the form does not depend on how they are written."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from tests.changes.evaluate import Request, decision
from workbench.changes.policy import MOST_GRANTS, account_of, document_from, in_words, joined, read_policy

ACTIONS = [
    "s3:GetObject",
    "s3:getobject",
    "s3:*",
    "S3:Put*",
    "iam:PassRole",
    "*",
    "sts:AssumeRole",
    "s3:Get?bject",
]
RESOURCES = [
    "*",
    "arn:aws:s3:::a",
    "arn:aws:s3:::a/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/jo/x",
]
AWS = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/r",
    "444455556666",
]
PRINCIPALS: list[Any] = [
    "*",
    {"AWS": "*"},
    {"AWS": ["111122223333", "arn:aws:iam::444455556666:role/r"]},
    {"AWS": "arn:aws:iam::111122223333:root", "Service": "ec2.amazonaws.com"},
    {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
    {"Federated": "arn:aws:iam::111122223333:oidc-provider/x"},
]
CONDITIONS: list[dict[str, Any]] = [
    {},
    {"StringEquals": {"aws:SourceAccount": ["1", "2"], "aws:UserName": "jo"}},
    {"StringEquals": {"AWS:sourceaccount": "1"}, "StringLike": {"aws:username": "j*"}},
    {"Bool": {"aws:SecureTransport": True}},
    {"StringNotEquals": {"aws:username": ["jo", "al"]}},
]


def some(values: list[Any], least: int = 1) -> st.SearchStrategy[Any]:
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=least, max_size=3))


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Deny"]))}
    found[draw(st.sampled_from(["Action", "NotAction"]))] = draw(some(ACTIONS, 0))
    if draw(st.booleans()):
        found[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(some(RESOURCES, 0))
    if draw(st.booleans()):
        found[draw(st.sampled_from(["Principal", "NotPrincipal"]))] = draw(st.sampled_from(PRINCIPALS))
    if draw(st.booleans()):
        found["Condition"] = draw(st.sampled_from(CONDITIONS))
    if draw(st.booleans()):
        found["Sid"] = draw(st.text("ab", max_size=3))
    return found


policies = st.builds(
    lambda version, listed, alone: {
        "Version": version,
        "Statement": listed[0] if alone and len(listed) == 1 else listed,
    },
    st.sampled_from(["2012-10-17", "2008-10-17"]),
    st.lists(statements(), max_size=4),
    st.booleans(),
)

requests = st.builds(
    Request,
    st.sampled_from(
        [
            None,
            ("AWS", "111122223333"),
            ("AWS", "arn:aws:iam::444455556666:role/r"),
            ("AWS", "444455556666"),
            ("Service", "ec2.amazonaws.com"),
            ("Federated", "arn:aws:iam::111122223333:oidc-provider/x"),
        ]
    ),
    st.sampled_from(["s3:GetObject", "s3:PutObject", "iam:PassRole", "sts:AssumeRole", "ec2:RunInstances"]),
    st.sampled_from(
        ["arn:aws:s3:::a", "arn:aws:s3:::a/k", "arn:aws:s3:::b/jo/x", "arn:aws:s3:::b/${aws:username}/x"]
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "aws:username": st.sampled_from(["jo", "al"]),
            "aws:SourceAccount": st.sampled_from(["1", "2", "3"]),
            "aws:SecureTransport": st.sampled_from(["true", "false"]),
        },
    ),
)


@given(policies, st.lists(requests, min_size=5, max_size=25))
def test_normalising_never_changes_what_a_policy_allows(
    document: dict[str, Any], asked: list[Request]
) -> None:
    policy = read_policy(json.dumps(document))
    assert policy is not None
    written = document_from(policy)
    for request in asked:
        assert decision(written, request) == decision(document, request), (written, request)


@given(policies, st.randoms(use_true_random=False))
def test_the_form_does_not_depend_on_how_a_policy_is_written(
    document: dict[str, Any], rnd: random.Random
) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            items = [(key, shuffled(each)) for key, each in value.items()]
            rnd.shuffle(items)
            return dict(items)
        if isinstance(value, list):
            listed = [shuffled(each) for each in value] + value[:1]
            rnd.shuffle(listed)
            return listed
        return value

    one = read_policy(json.dumps(document))
    assert read_policy(json.dumps(shuffled(document))) == one
    assert read_policy(json.dumps(json.dumps(document))) == one
    assert read_policy(json.dumps(quote(json.dumps(document)))) == one


@given(policies)
def test_a_policy_read_back_from_its_form_is_the_same(document: dict[str, Any]) -> None:
    policy = read_policy(json.dumps(document))
    assert policy is not None
    assert read_policy(json.dumps(document_from(policy))) == policy


def test_what_is_no_policy_is_none() -> None:
    for text in (
        '{"a": 1}',
        '"text"',
        "[]",
        '{"Statement": [{"Effect": "Maybe", "Action": "*"}]}',
        '{"Statement": ["x"]}',
    ):
        assert read_policy(text) is None
    assert read_policy(None) == frozenset()


def test_a_statement_with_very_many_grants_stays_whole() -> None:
    names = [f"s3:a{number}" for number in range(200)]
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": names,
            "Resource": [f"r{number}" for number in range(200)],
        },
    }
    policy = read_policy(json.dumps(document))
    assert policy is not None
    assert len(policy) == 1 < MOST_GRANTS


def test_words() -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": "*",
                "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
            },
            {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Principal": "*"},
        ],
    }
    policy = read_policy(json.dumps(document))
    assert policy is not None
    assert [in_words(each) for each in joined(policy)] == [
        "allow s3:* on * to account 999988887777",
        "deny everything but iam:* on * to anyone",
    ]
    assert account_of("aws:arn:aws:sts::111122223333:assumed-role/r/s") == "111122223333"
    assert account_of("service:ec2.amazonaws.com") is None
