"""Every error that a person can meet: one line that says what happened and one that says what to do.

The command line prints ``str(error)`` and exits with ``error.exit_status``; the screens show the same text.
Errors of the workbench's own making (bugs) are not caught here: they surface as tracebacks.
"""

from __future__ import annotations

from typing import ClassVar


class WorkbenchError(Exception):
    """Base of all errors meant for a person's eyes.

    Attributes:
        what: What happened, one sentence without a full stop.
        remedy: What the person can do about it, or an empty string.
    """

    exit_status: ClassVar[int] = 2
    """Exit status of the command line: 2 means wrong usage or unusable input."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}: {self.remedy}" if self.remedy else self.what


class CaseFileError(WorkbenchError):
    """The case file cannot be used as asked."""


class NotACaseFileError(CaseFileError):
    """The file is missing, is no SQLite file, or is some other application's."""


class NewerSchemaError(CaseFileError):
    """The case file was written by a newer version of the workbench."""


class OlderSchemaError(CaseFileError):
    """The case file was written by an earlier version of the workbench, before the first release."""


class ForeignSchemaError(CaseFileError):
    """The case file holds tables, views or triggers that the workbench did not make."""


class CaseFileBusyError(CaseFileError):
    """Another process is writing to the case file."""


class StorageError(CaseFileError):
    """The disk refused: full, read-only, or failing."""


class EvidenceError(WorkbenchError):
    """An evidence file cannot be acquired or read back."""


class MappingError(WorkbenchError):
    """A mapping file, which says how an unknown log is to be read, cannot be used; ``what`` names its line and key."""


class UnknownReferenceError(WorkbenchError):
    """A record reference names nothing in this case, or more than one thing."""


class NoSuchNameError(UnknownReferenceError):
    """Nothing of the case has the name that was given; what is like it is told."""

    exit_status = 1


class QueryError(WorkbenchError):
    """A query of the filter language cannot be understood.

    Attributes:
        position: Index of the first character at fault.
        length: How many characters are at fault, at least 1.
    """

    def __init__(self, what: str, remedy: str = "", *, position: int = 0, length: int = 1) -> None:
        super().__init__(what, remedy)
        self.position = position
        self.length = max(1, length)


class ClaimRefusedError(WorkbenchError):
    """A rule of evidence refuses a tag or a finding: the check found that it says more than what it cites shows."""

    exit_status = 1


class CancelledError(WorkbenchError):
    """The person stopped a long piece of work; what was acknowledged before stays."""

    exit_status = 130
