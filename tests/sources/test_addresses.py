from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import AddressKind
from workbench.sources.addresses import read_address


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_any_address_is_read_in_canonical_form(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    for text in {str(address), address.exploded, str(address).upper()}:
        read = read_address(text)
        assert (read.raw, read.kind) == (text, AddressKind.IP)
        assert read.ip is not None
        assert ipaddress.ip_address(read.ip) == address


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("AWS Internal", AddressKind.INTERNAL),
        ("secretsmanager.amazonaws.com", AddressKind.SERVICE),
        ("ec2.amazonaws.com.cn", AddressKind.SERVICE),
        ("255.090.254.5", AddressKind.UNPARSED),
        ("035.249.253.232", AddressKind.UNPARSED),
        ("null", AddressKind.UNPARSED),
        ("evil .amazonaws.com", AddressKind.UNPARSED),
        ("1" * 100_000, AddressKind.UNPARSED),
    ],
)
def test_what_is_no_address_says_what_it_is(raw: str, kind: AddressKind) -> None:
    read = read_address(raw)
    assert (read.raw, read.kind, read.ip) == (raw, kind, None)


@given(st.text())
def test_any_text_is_kept(raw: str) -> None:
    assert read_address(raw).raw == raw


@pytest.mark.parametrize(
    ("raw", "ip"),
    [
        ("192.168.0.10:36776", "192.168.0.10"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
    ],
)
def test_a_port_is_taken_off(raw: str, ip: str) -> None:
    read = read_address(raw)
    assert (read.raw, read.kind, read.ip) == (raw, AddressKind.IP, ip)


@pytest.mark.parametrize("raw", ["1.2.3.4:", "1.2.3:80", "[1.2.3.4.5]:80", "[::g]:1", "1.2.3.4:123456"])
def test_what_only_looks_like_an_address_with_a_port_stays_text(raw: str) -> None:
    assert read_address(raw).kind is AddressKind.UNPARSED
