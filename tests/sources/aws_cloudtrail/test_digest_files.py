"""Digest files, their keys and signatures are told from events in any case of letters, and from what only looks like them."""

from __future__ import annotations

import pytest

from workbench.model.evidence import Disposition
from workbench.sources.aws_cloudtrail.digest_files import DIGEST, KEYS, SIGNATURE, form_of
from workbench.sources.aws_cloudtrail.reader import CloudTrailReader
from workbench.sources.protocol import Context

KEY = {"Value": "MIIB", "ValidityStartTime": 1, "Fingerprint": "ab"}
SIGNED = {"signature": "a0" * 128, "signature-algorithm": "SHA256withRSA"}


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ({"digestStartTime": "x", "logFiles": []}, DIGEST),
        ({"DIGESTSTARTTIME": "x", "logfiles": []}, DIGEST),
        ({"PublicKeyList": [KEY]}, KEYS),
        ({"AcceptRanges": "bytes", "ETag": "x", "Metadata": SIGNED}, SIGNATURE),
        ({"contentlength": 1, "metadata": {"Signature": "A0" * 128}}, SIGNATURE),
    ],
)
def test_each_form(document: dict[str, object], form: str) -> None:
    reader = CloudTrailReader()
    assert reader.recognises(document)
    reading = reader.read(document, Context())
    assert (reading.disposition, reading.reason) == (Disposition.DIGEST, form)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"PublicKeyList": []},
        {"PublicKeyList": "x"},
        {"ETag": "x", "Metadata": {"signature": "not hexadecimal"}},
        {"ETag": "x", "Metadata": {"owner": "ann"}},
        {"action": "artifact.sign", "metadata": SIGNED},
        {"digestStartTime": "x"},
    ],
)
def test_what_only_looks_like_it(document: dict[str, object]) -> None:
    assert form_of(document) == ("", "")
