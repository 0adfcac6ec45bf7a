"""One record's bytes to values: strictly if possible, leniently with a warning if not, never wrongly in silence.

Strict parsers disagree with what exporters write (``NaN``, invalid UTF-8, lone surrogates) and with what a proof
needs (an integer of thirty digits must not become a rounded number). Whatever cannot be represented exactly is kept
as the text that stands in the record.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

from workbench.evidence.json_scan import Outcome, ValueScanner

MAX_DEPTH = 500
"""Deepest nesting that is read: well below where recursive code of any kind would fail."""

MAX_DIGITS = 4300
"""Longest integer that is read as a number: the limit of Python against quadratic conversion (CVE-2020-10735)."""

_MARK = b"\xef\xbb\xbf"
_INEXACT = re.compile(rb"[0-9]{19}|[eE][+-]?[0-9]{3}")
"""Digits that may be too many for a double: orjson reads integers beyond 64 bits as rounded floats, as does
``1e999`` overflow. A match only sends the record to the slower way."""
_SPACED_COLON = re.compile(rb'"[ \t\r\n]+:')
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")


class UndecodableError(ValueError):
    """A record that is no JSON value that could be read.

    Attributes:
        reason: Why, without any content of the record.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def loads(data: bytes) -> tuple[object, list[str]]:
    """Decode one record.

    Args:
        data: The record as UTF-8; a byte order mark before it is passed over.

    Returns:
        The value, and what was odd about it, one text each.

    Raises:
        UndecodableError: If it is not JSON even in the lenient sense, or nested deeper than :data:`MAX_DEPTH`.
    """
    data = data.removeprefix(_MARK)
    _check_depth(data)
    if _INEXACT.search(data) is None:
        try:
            return orjson.loads(data), []
        except orjson.JSONDecodeError:
            pass  # the lenient way finds out what is wrong
    return _Lenient(data).decode()


def loads_told(data: bytes) -> tuple[object, list[str]]:
    """Decode one record and say also which keys it gives more than once.

    A parser keeps the last of several values under one key and says nothing. So the value is held against the bytes:
    written again it gives the same bytes, or it has as many keys as the bytes have places where one can end. Only a
    record for which neither holds is read the slow way, which notes each key.

    Args:
        data: As for :func:`loads`.

    Returns:
        As :func:`loads`; each key that is given twice in one object is one text more.

    Raises:
        UndecodableError: As :func:`loads`.
    """
    try:
        value = orjson.loads(data)
        if orjson.dumps(value) == data:  # which goes no deeper than 254 levels
            return value, []
        shallow = data.count(b"[") + data.count(b"{") <= MAX_DEPTH
        if shallow and _INEXACT.search(data) is None and _keys_in(value) == _key_ends(data):
            return value, []
    except (orjson.JSONDecodeError, TypeError):
        pass  # the slow way finds out what is wrong
    value, warnings = loads(data)
    told = [f'duplicate key "{key}": last value used' for key in duplicate_keys(data)]
    return value, list(dict.fromkeys((*warnings, *told)))


def _keys_in(value: object) -> int:
    """Count the keys of all objects in a decoded value."""
    count = 0
    stack = [value]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            count += len(item)
            stack += item.values()
        elif type(item) is list:
            stack += item
    return count


def _key_ends(data: bytes) -> int | None:
    r"""Return at how many places of the bytes a key can end, never less than there are keys; ``None`` if that is unclear.

    A key ends in a quote and a colon. The same inside a text stands as ``\":``, which counts too where the backslash may
    itself be escaped.
    """
    if _SPACED_COLON.search(data):
        return None
    ends = data.count(b'":')
    return ends if b"\\\\" in data else ends - data.count(b'\\":')


def duplicate_keys(data: bytes) -> list[str]:
    """Return the keys that occur more than once in one object of a record, each once, in order of appearance.

    Returns an empty list for a record that cannot be decoded.
    """
    try:
        _check_depth(data)
        lenient = _Lenient(data.removeprefix(_MARK))
        lenient.decode()
    except UndecodableError:
        return []
    return lenient.duplicates


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    start = len(data) - len(data.lstrip())
    scanner = ValueScanner(deepest=MAX_DEPTH)
    if scanner.advance(data, start, len(data), True) is Outcome.STOPPED:
        raise UndecodableError(f"nested deeper than {MAX_DEPTH} levels")


class _Lenient:
    """Decodes with the standard library, noting all that is odd."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._raw_bytes = False
        self._warnings: dict[str, None] = {}
        self.duplicates: list[str] = []

    def decode(self) -> tuple[object, list[str]]:
        try:
            text = self._data.decode()
        except UnicodeDecodeError:
            text = self._data.decode("utf-8", "surrogateescape")
            self._raw_bytes = True
        try:
            value = json.loads(
                text,
                strict=False,
                object_pairs_hook=self._object,
                parse_int=self._integer,
                parse_float=self._float,
                parse_constant=self._constant,
            )
        except json.JSONDecodeError as error:
            raise UndecodableError(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
        except RecursionError:
            raise UndecodableError("nested too deep") from None
        if self._raw_bytes or _SURROGATE_ESCAPE.search(self._data):
            value = self._visible(value)
        try:
            orjson.loads(self._data)
        except orjson.JSONDecodeError:
            if not self._warnings:
                self._warn("control character inside a string")
        return value, list(self._warnings)

    def _warn(self, text: str) -> None:
        self._warnings[text] = None

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self._duplicate(key)
                seen.add(key)
        return members

    def _duplicate(self, key: str) -> None:
        key = self._text(key)
        if key not in self.duplicates:
            self.duplicates.append(key)
        self._warn(f'duplicate key "{key}": last value used')

    def _integer(self, text: str) -> int | str:
        if len(text.lstrip("-")) > MAX_DIGITS:
            self._warn(f"integer of more than {MAX_DIGITS} digits kept as text")
            return text
        return int(text)

    def _float(self, text: str) -> float | str:
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self._warn("number too large, kept as text")
            return text
        return value

    def _constant(self, text: str) -> str:
        self._warn(f"{text} is not JSON, kept as text")
        return text

    def _visible(self, value: Any) -> Any:
        """Replace what cannot be encoded in UTF-8 by visible escapes; the depth was checked before."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return self._object([(self._text(key), self._visible(member)) for key, member in value.items()])
        if isinstance(value, list):
            return [self._visible(element) for element in value]
        return value

    def _text(self, text: str) -> str:
        return _SURROGATE.sub(self._escape, text)

    def _escape(self, match: re.Match[str]) -> str:
        code = ord(match[0])
        if self._raw_bytes and 0xDC80 <= code <= 0xDCFF:
            self._warn("invalid UTF-8 shown as \\xNN")
            return f"\\x{code - 0xDC00:02x}"
        self._warn("surrogate without its other half shown as \\uNNNN")
        return f"\\u{code:04x}"
