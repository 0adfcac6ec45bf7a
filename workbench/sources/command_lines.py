"""Command lines and free text as names of resources: shortened, and without the secrets that people type into them.

A name is shown, searched and exported, so what stands behind an option or variable that commonly carries a secret is
masked here already. A secret in another place is not found: the record itself stays as it is.
"""

from __future__ import annotations

import re

from workbench.evidence.secrets import mask
from workbench.sources.interning import Remembered

LONGEST = 1_000
"""Characters of a command line that are kept as a name; the rest is in the record."""

_MARK = "‹masked›"
_SECRET_WORD = (
    r"[\w.-]{0,40}?(?:passw(?:or)?d|passphrase|secret|token|api-?_?key|credential|private-?_?key)[\w.-]{0,40}"
)
_QUOTED = r"(?:\"[^\"]*\"|'[^']*'|\S+)"
_RULES = (
    # --password hunter2, -token hunter2; an option that names a file or the next option is no secret.
    (
        re.compile(rf"(?i)(?<!\S)(--?(?!\S*-(?:file|path|stdin)\b){_SECRET_WORD}[ ])(?!-){_QUOTED}"),
        r"\1" + _MARK,
    ),
    # DB_PASSWORD=hunter2, --password=hunter2
    (re.compile(rf"(?i)(?<![\w.-])({_SECRET_WORD}=)(?!‹){_QUOTED}"), r"\1" + _MARK),
    # mysql -phunter2, sshpass -p hunter2
    (re.compile(r"(\b(?:mysql\w*|mariadb\w*|mysqldump)\b.*?\s-p)(?=\S)\S+"), r"\1" + _MARK),
    (re.compile(rf"(\bsshpass\b.*?\s-p\s?){_QUOTED}"), r"\1" + _MARK),
    # https://user:hunter2@host
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,128}:)[^\s/@]+(?=@)"), r"\1" + _MARK),
    # curl -u user:hunter2
    (re.compile(r"(\bcurl\b.*?\s(?:-u|--user)[ =]?[^\s:]{1,128}:)\S+"), r"\1" + _MARK),
    (re.compile(r"(?i)(\bauthorization: *(?:bearer|basic|token) +)[^\s\"']+"), r"\1" + _MARK),
)
_TELLTALE = re.compile(
    r"(?i)passw|passphrase|secret|token|api-?_?key|credential|private-?_?key|mysql|mariadb|sshpass|://|curl|authorization"
)


def _readable(text: str) -> str:
    shortened = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    if not _TELLTALE.search(shortened):
        return shortened
    for pattern, masked in _RULES:
        shortened = pattern.sub(masked, shortened)
    return mask(shortened.encode("utf-8", "surrogatepass"))[0].decode("utf-8", "surrogatepass")


COMMAND_LINES: Remembered[str, str] = Remembered(_readable)
"""A command line or message as it can be a name: at most :data:`LONGEST` characters, known kinds of secrets masked."""
