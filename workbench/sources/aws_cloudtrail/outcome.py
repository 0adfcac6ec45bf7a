"""How an act ended, from error codes of which there is no closed list."""

from __future__ import annotations

import re

from workbench.model.event import Outcome, OutcomeStatus
from workbench.sources.interning import Remembered

_DENIED = re.compile(
    r"accessdenied|unauthori[sz]ed|notauthori[sz]ed|forbidden|authfailure|authorizationerror|"
    r"missingauthenticationtoken|(?:^|\D)40[13](?:\D|$)",
    re.IGNORECASE | re.ASCII,
)
_NOT_FOUND = re.compile(r"nosuch|notfound|notexist|nonexist|(?:^|\D)404(?:\D|$)", re.IGNORECASE | re.ASCII)

SUCCESS = Outcome(OutcomeStatus.SUCCESS)
_REFUSED = Outcome(OutcomeStatus.DENIED, "Failure")
_FAILED = Outcome(OutcomeStatus.FAILED)
_UNKNOWN = Outcome(OutcomeStatus.UNKNOWN)


def read_outcome(
    code: str | None, *, failed_message: bool, answer: str | None, has_result: bool, name: str
) -> Outcome:
    """Decide how an act ended.

    Rules in order:

    * An error code decides: codes that speak of missing permission or refused authentication are ``denied``,
      codes that speak of a missing thing ``not_found``, all others ``failed``. ``DryRunOperation`` is
      ``failed``: the request would have been allowed, and nothing was done.
    * A sign-in answers in ``responseElements``: ``Failure`` is ``denied`` (authentication was refused).
    * An error message without a code is ``failed``, and so is a service's own event whose name says that
      something failed.
    * A record without a result (an insight; a cut-down export with neither ``eventVersion`` nor
      ``responseElements``) is ``unknown``: the absence of an error shows nothing if the field may have been
      cut.
    * Anything else is ``success``: CloudTrail writes a code for each request that fails.

    Args:
        code: ``errorCode``.
        failed_message: Whether there is an ``errorMessage``.
        answer: What a sign-in answered (``Success``, ``Failure``), if the event is a sign-in.
        has_result: Whether the record can show a result.
        name: ``eventName`` of a service's own event, else empty.
    """
    if code:
        return _ERRORS[code]
    if answer == "Failure":
        return _REFUSED
    if failed_message or "Failed" in name:
        return _FAILED
    return SUCCESS if has_result or answer == "Success" else _UNKNOWN


def _of_code(code: str) -> Outcome:
    if _DENIED.search(code):
        return Outcome(OutcomeStatus.DENIED, code)
    if _NOT_FOUND.search(code):
        return Outcome(OutcomeStatus.NOT_FOUND, code)
    return Outcome(OutcomeStatus.FAILED, code)


_ERRORS: Remembered[str, Outcome] = Remembered(_of_code)
