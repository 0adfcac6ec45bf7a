"""The demo case: the fictitious incident of ``sample_logs/harbourline/``, added like any evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from workbench.casework.add_evidence import AddOptions, Progress, add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.errors import EvidenceError
from workbench.model.evidence import Acquisition

SAMPLE_LOGS = Path(__file__).resolve().parents[2] / "sample_logs" / "harbourline" / "evidence"
"""The evidence of the demo case, in the checkout that the workbench was installed from."""

_EXAMINER = "demo"


def build_demo(case: Path, progress: Callable[[Progress], None] = lambda _: None) -> None:
    """Build the demo case unless it is there already; sample logs that it lacks are added.

    Raises:
        EvidenceError: If the sample logs are not there: the workbench was installed without its checkout.
        CaseFileError: If the case cannot be written.
    """
    if not SAMPLE_LOGS.is_dir():
        raise EvidenceError(
            "the sample logs are not beside the program", "run the demo from a checkout (pip install -e .)"
        )
    if not case.exists():
        new_case(case, title="Harbourline (demo)", examiner=_EXAMINER)
    acquisition = Acquisition(
        custodian="Harbourline, platform team",
        how="written by sample_logs/make_samples.py: fictitious",
    )
    add_evidence(
        case, [SAMPLE_LOGS], actor=_EXAMINER, options=AddOptions(acquisition=acquisition), progress=progress
    )
    derive(case, actor=_EXAMINER)
