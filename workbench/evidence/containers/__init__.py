"""Delivered files, unpacked: one file in, one or more streams of content bytes out.

Files are told by their bytes and never by their names; nothing is ever written to disk; whatever the input,
memory stays bounded and all that can be read is delivered, with what is wrong told beside it.
"""

from __future__ import annotations

from workbench.evidence.containers.delivered import Content, Delivered, open_delivered
from workbench.evidence.containers.limits import Damage, Limits
from workbench.evidence.containers.walk import Unreadable, walk

__all__ = ["Content", "Damage", "Delivered", "Limits", "Unreadable", "open_delivered", "walk"]
