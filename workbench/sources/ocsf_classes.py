"""Classes and activities of the Open Cybersecurity Schema Framework, by what kind of act they tell of (schema.ocsf.io)."""

from __future__ import annotations

from workbench.model.event import Verb

_CRUD = {1: Verb.CREATE, 2: Verb.READ, 3: Verb.UPDATE, 4: Verb.DELETE}

ACTIVITIES: dict[int, dict[int, Verb]] = {
    1001: {  # File System Activity
        1: Verb.CREATE, 2: Verb.READ, 3: Verb.UPDATE, 4: Verb.DELETE, 5: Verb.UPDATE, 6: Verb.UPDATE, 7: Verb.UPDATE,
        8: Verb.READ, 9: Verb.READ, 10: Verb.UPDATE, 11: Verb.UPDATE,
    },
    1002: {1: Verb.EXECUTE, 2: Verb.OTHER},  # Kernel Extension Activity
    1005: {1: Verb.EXECUTE, 2: Verb.OTHER},  # Module Activity
    1006: {1: Verb.CREATE, 2: Verb.UPDATE, 3: Verb.DELETE, 4: Verb.EXECUTE, 5: Verb.OTHER, 6: Verb.EXECUTE},  # Scheduled Job
    1007: {1: Verb.EXECUTE, 2: Verb.OTHER, 3: Verb.OTHER, 4: Verb.EXECUTE, 5: Verb.OTHER},  # Process Activity
    3001: {  # Account Change
        1: Verb.CREATE, 2: Verb.UPDATE, 3: Verb.ISSUE_CREDENTIAL, 4: Verb.ISSUE_CREDENTIAL, 5: Verb.UPDATE,
        6: Verb.DELETE, 7: Verb.DELEGATE, 8: Verb.DELETE, 9: Verb.UPDATE, 10: Verb.UPDATE, 11: Verb.UPDATE, 12: Verb.UPDATE,
    },
    3002: dict.fromkeys(range(1, 8), Verb.AUTHENTICATE),  # Authentication
    3003: {1: Verb.DELEGATE, 2: Verb.DELEGATE},  # Authorize Session
    3004: {1: Verb.CREATE, 2: Verb.READ, 3: Verb.UPDATE, 4: Verb.DELETE},  # Entity Management
    3005: {1: Verb.DELEGATE, 2: Verb.DELETE},  # User Access Management
    3006: {  # Group Management
        1: Verb.DELEGATE, 2: Verb.DELETE, 3: Verb.DELEGATE, 4: Verb.DELETE, 5: Verb.DELETE, 6: Verb.CREATE,
    },
    6001: {**_CRUD, 5: Verb.READ, 6: Verb.UPDATE, 7: Verb.READ, 8: Verb.DELEGATE},  # Web Resources Activity
    6003: _CRUD,  # API Activity
    6005: {  # Datastore Activity
        1: Verb.READ, 2: Verb.UPDATE, 3: Verb.OTHER, 4: Verb.READ, 5: Verb.UPDATE, 6: Verb.CREATE, 7: Verb.DELETE,
        8: Verb.READ, 9: Verb.UPDATE, 10: Verb.READ,
    },
    6006: {  # File Hosting Activity
        1: Verb.CREATE, 2: Verb.READ, 3: Verb.UPDATE, 4: Verb.DELETE, 5: Verb.UPDATE, 6: Verb.CREATE, 7: Verb.UPDATE,
        8: Verb.UPDATE, 9: Verb.READ, 10: Verb.UPDATE, 11: Verb.UPDATE, 12: Verb.DELEGATE, 13: Verb.UPDATE, 14: Verb.READ,
        15: Verb.UPDATE, 16: Verb.UPDATE,
    },
}  # fmt: skip
"""Verb by class and activity id. Activity 0 is unknown, 99 something else: the name beside it is not interpreted."""

REPORTS = (2, 4, 5)
"""Categories whose events report what was found, what crossed the network, or what is installed: no acts of an identity."""
