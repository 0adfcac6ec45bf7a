"""Which client a user agent names. A caller can write anything into it: it is a hint and never a proof."""

from __future__ import annotations

import re

from workbench.model.event import UserAgent
from workbench.sources.interning import Remembered

_KNOWN = (
    # More telling names first: a Terraform agent also names the SDK it is built on.
    ("Terraform", "Terraform"),
    ("OpenTofu", "OpenTofu"),
    ("Pulumi", "Pulumi"),
    ("amazon-ssm-agent", "amazon-ssm-agent"),
    ("stratus-red-team", "stratus-red-team"),
    ("aws-cdk", "aws-cdk"),
    ("aws-cli/", "aws-cli"),
    ("Boto3/", "Boto3"),
    ("Botocore/", "Botocore"),
)
_CONSOLE = re.compile(r"Console\b|\bconsole[.\w-]*\.amazonaws\.com|signin\.amazonaws\.com", re.ASCII)
_PRODUCT = re.compile(r"([A-Za-z][A-Za-z0-9_.+-]{1,63})(?:/|\Z)", re.ASCII)


def read_user_agent(raw: str) -> UserAgent:
    """Read a user agent field.

    Args:
        raw: The field's text; S3 wraps it in square brackets, which are ignored for ``client`` only.
    """
    return UserAgent(raw, _client(raw[1:-1] if raw[:1] == "[" and raw[-1:] == "]" else raw))


def _client(text: str) -> str | None:
    lowered = text.lower()
    for mark, name in _KNOWN:
        if mark.lower() in lowered:
            return name
    if _CONSOLE.search(text):
        return "console"
    if text == "AWS Internal" or lowered.endswith(".amazonaws.com"):
        return "aws service"
    if text.startswith("Mozilla/"):
        return "browser"
    product = _PRODUCT.match(text)
    return product[1] if product else None


USER_AGENTS: Remembered[str, UserAgent] = Remembered(read_user_agent)
"""``read_user_agent``, remembered."""
