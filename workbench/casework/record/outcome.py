"""What a check of a case that found nothing may say: of no more than was compared."""

from __future__ import annotations

PAGES = "nothing contradicts its pages and its record; evidence and what is derived were not checked"
KEPT = "nothing contradicts evidence and record; events, sessions and links were not compared (--deep)"
IN_PART = "nothing contradicts evidence, record and what could be compared of the derived layer"
WHOLE = "nothing contradicts it"
ALTERED = "NOT AS IT WAS LEFT"
UNTRUSTED = "NOT BY THOSE YOU TRUST: what was checked agrees with itself, but not all of it is vouched for by whom you named"

UNTRUSTED_CODES = frozenset({"checkpoint-key", "timestamp-untrusted"})
"""Codes of findings that say whose word something is, and of nothing that it was altered."""
