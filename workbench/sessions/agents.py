"""Versions and platforms that clients name: two of one client in one session can be two machines, so they are said.

Clients are told apart by name alone, for an upgrade, and agents that name each command, make no other client.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from workbench.model.event import UserAgent
from workbench.model.session import VERSIONS_SHOWN, ClientVersions
from workbench.sessions.trails import product_of

_NOT_THE_CALLERS = frozenset({"aws service", "console"})
"""What a provider's own front ends and services send: their versions say nothing of whoever uses them."""

_PARTS = re.compile(r"\([^()]*\)|[^\s()]+")
_PLATFORMS = re.compile(
    r"(?:os|lang|java|python|linux|darwin|windows|macos|freebsd|go|dotnet|node|nodejs|gl-python|openjdk[\w-]*"
    r"|md/(?:arch|distrib|goos|goarch|nodejs))(?:[/#]|\Z)",
    re.IGNORECASE,
)
"""What agents name of the machine they run on. All else (command, api, cfg, md, exec-env, run ids) differs from call to call."""

_LONGEST = 160


def versions_of(agents: Iterable[UserAgent]) -> tuple[ClientVersions, ...]:
    """Return the clients that name themselves in more than one version or on more than one platform, by name."""
    found: dict[str, set[str]] = {}
    for agent in agents:
        if agent.client not in _NOT_THE_CALLERS:
            found.setdefault(product_of(agent), set()).add(version_of(agent))
    return tuple(
        ClientVersions(client, tuple(sorted(versions)[:VERSIONS_SHOWN]), len(versions))
        for client, versions in sorted(found.items())
        if len(versions) > 1
    )


@functools.lru_cache(maxsize=1 << 14)
def version_of(agent: UserAgent) -> str:
    """Return what an agent says of its version and platform, without what differs from call to call."""
    raw = agent.raw[1:-1] if agent.raw[:1] == "[" and agent.raw[-1:] == "]" else agent.raw
    if agent.client == "browser":
        return raw[:_LONGEST]
    product = product_of(agent)
    parts = _PARTS.findall(raw)
    named = next((n for n, part in enumerate(parts) if _is(part, product)), None)
    if named is None:
        # It names itself by words alone, or its name is part of a longer one: what carries a version stands for it.
        named = next((n for n, part in enumerate(parts) if re.fullmatch(r"[^\s/]+/v?\d[\w.+-]*", part)), None)
    if named is None:
        return product
    kept = [parts[named]]
    for part in parts[named + 1 :]:
        about = part.startswith("(") and "http" not in part and part is parts[named + 1]
        if about or _PLATFORMS.match(part):
            kept.append(part)
    return " ".join(kept)[:_LONGEST]


def _is(part: str, product: str) -> bool:
    """Whether a part of an agent is the client's name with its version."""
    name, joint, version = part.partition("/")
    return bool(joint and version) and name.casefold() == product.casefold()
