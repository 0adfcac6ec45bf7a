"""Timestamps of an authority of our own, made by openssl: taken back, judged again, and told apart from bad ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.casework.test_record import keys, passphrase, signed, workbench  # noqa: F401 - fixtures
from workbench.casework.record import timestamps

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the responses")

CONFIG = """[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
{chain}
"""


class Authority:
    """A timestamp authority with a root of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "root.pem"
        self.key, self.certificate = folder / "tsa.key", folder / "tsa.pem"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        run(
            "req",
            "-x509",
            *curve,
            "-keyout",
            folder / "root.key",
            "-out",
            self.root,
            "-days",
            "30",
            "-subj",
            "/CN=Root",
        )
        run("req", *curve, "-keyout", self.key, "-out", folder / "tsa.csr", "-subj", "/CN=Authority")
        (folder / "extensions").write_text(
            "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
        )
        run("x509", "-req", "-in", folder / "tsa.csr", "-CA", self.root, "-CAkey", folder / "root.key", "-set_serial", "7",
            "-out", self.certificate, "-days", "30", "-extfile", folder / "extensions")  # fmt: skip

    def stamp(self, request: Path, *, chain: bool = False) -> Path:
        """Answer a request; with the chain in the answer its certificates are not in the order of DER."""
        (self.folder / "serial").write_text("01\n")
        config = self.folder / "config"
        line = f"certs = {self.root}" if chain else ""
        config.write_text(CONFIG.format(folder=self.folder, chain=line))
        response = request.with_suffix(".tsr")
        run("ts", "-reply", "-config", config, "-queryfile", request, "-signer", self.certificate, "-inkey", self.key, "-out",
            response)  # fmt: skip
        return response


def run(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("stranger"))


@pytest.fixture
def request_file(signed: Path, tmp_path: Path) -> Path:  # noqa: F811
    (tmp_path / "stick").mkdir()
    workbench("anchor", "request", signed, tmp_path / "stick")
    (found,) = (tmp_path / "stick").glob("*.tsq")
    return found


def test_a_response_comes_back_and_is_judged_again(signed, request_file, authority, stranger):  # noqa: F811
    response = authority.stamp(request_file)
    said = workbench("anchor", "receive", signed, response, "--trust", authority.root)
    assert "verified by rfc3161-client" in said.err
    assert "since the last outside anchor" in workbench("journal", signed).err
    entry = workbench("journal", signed, "--json").lines[-1]["body"]
    import base64

    assert base64.b64decode(entry["response"]) == response.read_bytes()
    assert base64.b64decode(entry["request"]) == request_file.read_bytes()
    shown = workbench("verify", signed).out.decode()
    assert "says the authority" in shown
    assert "that the keeper of the case supplied" in shown
    assert "supplied" not in workbench("verify", signed, "--trust", authority.root).out.decode()
    found = workbench("verify", signed, "--trust", stranger.root, "--json", status=1)
    assert {each.get("code") for each in found.lines if each.get("failed")} == {"timestamp-untrusted", None}
    told = workbench("verify", signed, "--trust", stranger.root, status=1).out.decode()
    assert "not by an authority you trust" in told
    assert "NOT BY THOSE YOU TRUST" in told
    assert "NOT AS IT WAS LEFT" not in told
    assert "WRONG" not in told


def test_a_key_that_is_not_the_keepers_is_said_as_what_it_is(signed, tmp_path):  # noqa: F811
    workbench("key", "new", tmp_path / "other.key", "--name", "other@example.com")
    told = workbench("verify", signed, "--key", tmp_path / "other.key.pub", status=1).out.decode()
    assert "not signed with a key you trust: " in told
    assert "NOT BY THOSE YOU TRUST" in told
    assert "NOT AS IT WAS LEFT" not in told


def test_what_one_verifier_cannot_read_another_judges(signed, request_file, authority):  # noqa: F811
    """With root and own certificate in the answer, the set of certificates may not be sorted as DER asks for."""
    response = authority.stamp(request_file, chain=True)
    note = request_file.with_suffix(".checkpoint").read_bytes()
    root = authority.root.read_bytes()
    by_openssl = timestamps._by_openssl(note, request_file.read_bytes(), response.read_bytes(), root, "")
    assert by_openssl.verdict == "verified"
    assert by_openssl.by.startswith("openssl ts -verify, OpenSSL")
    judged = timestamps.judge(note, request_file.read_bytes(), response.read_bytes(), root)
    assert judged.verdict == "verified"
    assert judged.time == by_openssl.time
    workbench("anchor", "receive", signed, response, "--trust", authority.root)


def test_openssl_refuses_what_is_wrong(request_file, authority, stranger):
    note, request = request_file.with_suffix(".checkpoint").read_bytes(), request_file.read_bytes()
    response = authority.stamp(request_file).read_bytes()
    root = authority.root.read_bytes()
    assert timestamps._by_openssl(note + b"x", request, response, root, "").verdict == "invalid"
    assert (
        timestamps._by_openssl(note, request, response, stranger.root.read_bytes(), "").verdict == "untrusted"
    )
    assert timestamps._by_openssl(note, request, response, b"", "").verdict == "unchecked"
    assert timestamps._by_openssl(note, request, b"junk", root, "").verdict == "invalid"


def test_bad_responses_are_not_kept(signed, request_file, authority, stranger, tmp_path):  # noqa: F811
    before = workbench("journal", signed, "--json").out
    response = stranger.stamp(request_file)
    assert (
        "not by an authority you trust"
        in workbench("anchor", "receive", signed, response, "--trust", authority.root, status=1).err
    )
    altered = bytearray(authority.stamp(request_file).read_bytes())
    altered[-5] ^= 1
    response.write_bytes(altered)
    said = workbench("anchor", "receive", signed, response, "--trust", authority.root, status=1).err
    assert "it was altered: its signature does not hold" in said
    response.write_bytes(bytes(range(256)))
    for trust in ((), ("--trust", authority.root)):
        said = workbench("anchor", "receive", signed, response, *trust, status=1).err
        assert "it is no timestamp response, or a damaged one" in said
        assert "openssl" not in said
    # A good answer, but to another request over the same checkpoint: its nonce is another.
    good = authority.stamp(request_file).read_bytes()
    response.write_bytes(good)
    note = request_file.with_suffix(".checkpoint").read_text()
    request_file.write_bytes(timestamps.new_request(note))
    for trust in ((), ("--trust", authority.root)):
        said = workbench("anchor", "receive", signed, response, *trust, status=1).err
        assert "it answers another request" in said
    request_file.write_bytes(timestamps.new_request("another note"))
    assert "no checkpoint of this case" in workbench("anchor", "receive", signed, response, status=1).err
    assert workbench("journal", signed, "--json").out == before


def test_without_certificates_it_is_kept_and_not_counted(signed, request_file, authority):  # noqa: F811
    response = authority.stamp(request_file)
    assert "unchecked" in workbench("anchor", "receive", signed, response).err
    assert "unanchored: all" in workbench("journal", signed).err
    workbench("verify", signed, "--trust", authority.root)
