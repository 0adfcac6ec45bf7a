"""The tokens of JSON (RFC 8259) as possessive regular expressions over bytes.

The grammar is RFC 8259 with three widenings that real exports need and that lose nothing: ``NaN`` and
``Infinity`` as numbers, control characters inside strings, and any bytes (also invalid UTF-8) inside strings.
Possessive quantifiers never backtrack, so every match takes linear time and constant stack whatever the input.
"""

from __future__ import annotations

import re

SPACE = rb"[ \t\n\r]*+"
STRING = rb'"[^"\\]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\]*+)*+"'
NUMBER = rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
SCALAR = rb"(?:" + STRING + rb"|" + NUMBER + rb"|true|false|null|NaN|-?+Infinity)"
DELIMITED = rb"(?=[ \t\n\r,}\]])"
"""A scalar inside a container is complete only when what follows can end it: ``12`` may be half of ``123``."""

KEY = STRING + SPACE + rb":" + SPACE

SPACE_RUN = re.compile(SPACE)
TOP_SPACE_RUN = re.compile(rb"(?:[ \t\n\r]++|\xef\xbb\xbf)*+")
"""White space between values that stand by themselves; joined files leave byte order marks there."""

SCALAR_TOKEN = re.compile(SCALAR)
LOOSE_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
WORD = re.compile(rb"[-+.0-9A-Za-z]*+")
MEMBER_KEY = re.compile(rb"(" + STRING + rb")" + SPACE + rb":" + SPACE + rb"(?=[^ \t\n\r])")
FIRST_KEY = re.compile(rb"\{" + SPACE + rb"(" + STRING + rb")" + SPACE + rb":")
FIRST_ELEMENT = re.compile(rb"\[" + SPACE + rb"(?=[^ \t\n\r])")
