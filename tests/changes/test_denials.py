"""What denies is told beside what is allowed, wherever it may take something from it, and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.changes.denials import against, denials, meets
from workbench.changes.policy import Grant, read_policy
from workbench.model.change import Basis, KnownValue

POLICY = "arn:aws:iam::111122223333:policy/p"


def one(**statement: Any) -> Grant:
    (grant,) = read_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]})) or ()
    return grant


def deny(action: str, resource: str = "*", **more: Any) -> Grant:
    return one(Effect="Deny", Action=action, Resource=resource, **more)


def allow(action: str, resource: str = "*", **more: Any) -> Grant:
    return one(Effect="Allow", Action=action, Resource=resource, **more)


@pytest.mark.parametrize(
    ("denied", "allowed", "meet"),
    [
        (deny("iam:*"), allow("iam:*"), True),
        (deny("iam:DeleteUser"), allow("iam:*"), True),
        (deny("*"), allow("s3:GetObject"), True),
        (deny("s3:Put*"), allow("s3:Get*"), False),
        (deny("s3:GetObject"), allow("s3:GetObjectAcl"), False),
        (deny("s3:*", "arn:aws:s3:::a/*"), allow("s3:*", "arn:aws:s3:::b/*"), False),
        (deny("s3:*", "arn:aws:s3:::a/x"), allow("s3:*", "arn:aws:s3:::a/?"), True),
        (one(Effect="Deny", NotAction="s3:*", Resource="*"), allow("s3:Get*"), True),
        (one(Effect="Deny", NotAction="s3:*", Resource="*"), allow("s3:GetObject"), False),
        (one(Effect="Deny", NotAction="iam:*", Resource="*"), allow("s3:GetObject"), True),
        (deny("*", Principal={"AWS": "444455556666"}), allow("s3:*", Principal={"AWS": "777788889999"}), False),
        (deny("*", Principal="*"), allow("s3:*", Principal={"AWS": "777788889999"}), True),
        (deny("*", NotPrincipal={"AWS": "777788889999"}), allow("s3:*", Principal={"AWS": "777788889999"}), False),
    ],
)  # fmt: skip
def test_only_what_may_take_something_away_stands_against_it(
    denied: Grant, allowed: Grant, meet: bool
) -> None:
    assert meets(denied, allowed) is meet


def known(*statements: dict[str, Any]) -> KnownValue:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return KnownValue(json.dumps(document), Basis.RECONSTRUCTED, 1, {})


def test_policies_of_a_principal_are_weighed_together_and_those_of_a_resource_alone() -> None:
    refuses = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    states = {
        "trust policy": known({"Effect": "Deny", "Action": "sts:*", "Principal": "*"}),
        "attached policies": KnownValue(json.dumps([POLICY]), Basis.RECONSTRUCTED, 2, {}),
    }
    fields = {
        "default version": KnownValue('"v2"', Basis.RECONSTRUCTED, 3, {}),
        "version v2": known(refuses),
        "version v1": known({"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}),
    }
    found = denials(states, lambda arn: fields if arn == POLICY else {})
    assert [each.policy for each in found] == ["trust policy", POLICY]
    assert against(allow("s3:*"), "inline policy q", found) == (f"deny * on * ({POLICY})",)
    assert against(None, "attached policies", found) == (f"deny * on * ({POLICY})",)
    trust = one(Effect="Allow", Action="sts:AssumeRole", Principal="*")
    assert against(trust, "trust policy", found) == ("deny sts:* to anyone (trust policy)",)
