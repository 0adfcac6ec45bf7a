"""What a check of a case that found nothing may say: of no more than was compared."""

from __future__ import annotations

PAGES = "nothing contradicts its pages and its record; evidence and what is derived were not checked"
KEPT = "nothing contradicts evidence and record; events, sessions and links were not compared (--deep)"
IN_PART = "nothing contradicts evidence, record and what could be compared of the derived layer"
WHOLE = "nothing contradicts it"
