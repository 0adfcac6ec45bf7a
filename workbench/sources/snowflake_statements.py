"""What kind of act a Snowflake statement is, by its ``QUERY_TYPE``."""

from __future__ import annotations

import re

from workbench.model.event import Verb
from workbench.sources.interning import Remembered

_TYPES: dict[str, Verb] = {
    **dict.fromkeys(
        ("SELECT", "SHOW", "DESCRIBE", "EXPLAIN", "LIST_FILES", "GET_FILES", "UNLOAD"), Verb.READ
    ),
    **dict.fromkeys(
        ("INSERT", "MERGE", "UPDATE", "COPY", "PUT_FILES", "MULTI_TABLE_INSERT", "MULTI_STATEMENT"),
        Verb.UPDATE,
    ),
    **dict.fromkeys(
        ("RENAME", "RENAME_TABLE", "SWAP_TABLE", "RECLUSTER", "COMMENT", "UNDROP", "RESTORE"), Verb.UPDATE
    ),
    **dict.fromkeys(("DELETE", "TRUNCATE_TABLE", "REMOVE_FILES", "DROP"), Verb.DELETE),
    **dict.fromkeys(("GRANT", "GRANT_ROLE", "GRANT_PRIVILEGE", "TRANSFER_OWNERSHIP"), Verb.DELEGATE),
    **dict.fromkeys(("REVOKE", "REVOKE_ROLE", "REVOKE_PRIVILEGE"), Verb.DELETE),
    **dict.fromkeys(
        ("CALL", "EXECUTE_STREAMLIT", "EXECUTE_TASK", "EXECUTE_IMMEDIATE", "SYSTEM"), Verb.EXECUTE
    ),
    **dict.fromkeys(
        ("USE", "SET", "UNSET", "COMMIT", "ROLLBACK", "BEGIN_TRANSACTION", "ALTER_SESSION"), Verb.OTHER
    ),
}
_FIRST_WORDS: dict[str, Verb] = {
    "CREATE": Verb.CREATE,
    "ALTER": Verb.UPDATE,
    "DROP": Verb.DELETE,
    "TRUNCATE": Verb.DELETE,
    "RENAME": Verb.UPDATE,
    "GRANT": Verb.DELEGATE,
    "REVOKE": Verb.DELETE,
    "EXECUTE": Verb.EXECUTE,
    "SHOW": Verb.READ,
    "DESCRIBE": Verb.READ,
    "LIST": Verb.READ,
    "GET": Verb.READ,
    "RESTORE": Verb.UPDATE,
}
_GIVES_KEY = re.compile(
    r"\s*ALTER\s+USER\b.{0,400}?\b(?:ADD\s+(?:PROGRAMMATIC\s+ACCESS\s+TOKEN|PAT)|ROTATE\s+(?:PROGRAMMATIC\s+ACCESS\s+TOKEN|PAT)"
    r"|SET\s+RSA_PUBLIC_KEY(?:_2)?\b|SET\s+PASSWORD\b)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)


def _read(statement: str) -> tuple[Verb, str]:
    name = statement.upper()
    if name in _TYPES:
        return _TYPES[name], f"QUERY_TYPE {name}"
    word = name.partition("_")[0]
    if word in _FIRST_WORDS:
        return _FIRST_WORDS[word], f"first word of QUERY_TYPE: {word}"
    return Verb.UNCLASSIFIED, "no rule"


STATEMENTS: Remembered[str, tuple[Verb, str]] = Remembered(_read)
"""The verb of each ``QUERY_TYPE`` and its rule, remembered."""


def makes_credential(statement: str, text: str) -> bool:
    """Tell whether an ALTER USER gives the user a new key, token or password; looked for near its beginning."""
    return statement.upper() in ("ALTER_USER", "ALTER") and _GIVES_KEY.match(text[:1000]) is not None
