"""What the results of sign-ins mean.

Codes and their meaning are those of "Microsoft Entra authentication and authorization error codes"
(learn.microsoft.com, entra/identity-platform/reference-error-codes). Microsoft adds and changes codes: one that is
not listed here is a failure of unknown kind.
"""

from __future__ import annotations

from workbench.model.event import Outcome, OutcomeStatus
from workbench.sources import parts

INTERRUPTS = frozenset(
    {
        16000,  # the user is to choose among accounts
        50058,  # no session for a silent sign-in; the user is to sign in
        50072,  # the user is to register for multi-factor authentication
        50074,  # strong authentication is asked for
        50076,  # multi-factor authentication is asked for
        50079,  # the user is to register for multi-factor authentication
        50097,  # device authentication is asked for
        50125,  # a password reset or registration comes between
        50127,  # the broker app is to be installed
        50129,  # the device is to be joined
        50140,  # "Keep me signed in?"
        50199,  # "Are you trying to sign in to …?"
        51006,  # the user is to authenticate again
    }
)
"""Codes of steps on the way: the sign-in went on, or was given up, in another record."""

DENIALS = frozenset(
    {
        *(50012, 50013, 50017, 50020, 50034, 50053, 50055, 50056, 50057, 50064, 50105, 50126),
        *(50131, 50132, 50133, 50135, 50144, 50155, 50158, 50173, 500121, 500133, 50089, 500021),
        *(53000, 53001, 53002, 53003, 53004, 53009, 53010, 53011, 530002, 530003, 530032, 530034),
        *(65001, 65004, 65005, 70008, 70043, 70046, 700003, 700021, 700024, 700027, 700082, 700084),
        *(
            700211,
            700212,
            700213,
            7000112,
            7000215,
            7000216,
            7000222,
            700023,
            80002,
            81010,
            90072,
            90094,
            90095,
        ),
        *(120000, 135010, 399218, 50002, 50005, 50006),
    }
)
"""Codes by which Entra refused: wrong or expired credentials, locked or disabled accounts, conditional access."""

_WORDS = {
    "success": OutcomeStatus.SUCCESS,
    "succeeded": OutcomeStatus.SUCCESS,
    "failure": OutcomeStatus.FAILED,
    "failed": OutcomeStatus.FAILED,
    "interrupted": OutcomeStatus.UNKNOWN,
}
"""How the portal's CSV, and some collectors, write a result."""


def by_code(code: int) -> Outcome:
    """Return how a sign-in with this error code ended; interrupts have not ended and are unknown."""
    if code == 0:
        status = OutcomeStatus.SUCCESS
    elif code in INTERRUPTS:
        status = OutcomeStatus.UNKNOWN
    else:
        status = OutcomeStatus.DENIED if code in DENIALS else OutcomeStatus.FAILED
    return parts.outcome(status, str(code))


def by_text(*results: object) -> Outcome | None:
    """Return how a sign-in ended by the first result, a code or a word, that says so; ``None`` if none does."""
    for result in results:
        if isinstance(result, bool):
            continue
        if isinstance(result, int):
            return by_code(result)
        text = str(result).strip() if isinstance(result, str) else ""
        if text.isdecimal() and len(text) < 12:
            return by_code(int(text))
        if text.casefold() in _WORDS:
            return parts.outcome(_WORDS[text.casefold()], text)
    return None
