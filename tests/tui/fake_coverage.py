"""What a fake case covers, with the interface of ``casefile.coverage.reader.CoverageReader``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.coverage.facts import SLOT, Stream
from workbench.model.digest import Complete, Validation
from workbench.model.gap import Certainty, Gap, GapKind, Scope, StreamKey
from workbench.model.session import id_of

if TYPE_CHECKING:
    from tests.tui.fake_derived import Derivation

FIRST = 1_688_989_338_000_000 // SLOT
ACCOUNT = "111122223333"


def gap(
    rule: str,
    kind: GapKind,
    text: str,
    start: int | None,
    end: int | None,
    certainty: Certainty = Certainty.SHOWN,
    *,
    evidence: tuple[int, ...] = (),
    categories: tuple[str, ...] = (),
) -> Gap:
    return Gap(
        id=id_of("G", rule, text),
        kind=kind,
        rule=rule,
        version=1,
        source="aws.cloudtrail",
        scope=Scope(text=text, accounts=(ACCOUNT,), subject=text, categories=categories),
        start=start,
        end=end,
        certainty=certainty,
        detected=f"{text} says so",
        evidence=evidence,
        effect=f"What happened with {text} can be neither shown nor ruled out.",
        request="The files.",
    )


class FakeCoverage:
    """Twelve hours of one log: received, off for two hours, received; half of the first stretch proven complete."""

    def __init__(self, derivation: Derivation) -> None:
        self._hostile = derivation.hostile

    def streams(self) -> list[Stream]:
        slots = {FIRST + slot: 7 for slot in range(144) if not 48 <= slot < 72 and slot % 9}
        first, last = FIRST * SLOT, (FIRST + 143) * SLOT
        okta = {FIRST + slot: 2 for slot in range(144)}
        return [
            Stream(
                StreamKey("aws.cloudtrail", ACCOUNT, "us-east-1" + self._hostile, None, "Management"),
                slots,
                first,
                last,
            ),
            Stream(StreamKey("okta.system", None, None, None, None), okta, first, last),
        ]

    def gaps(self) -> list[Gap]:
        trail = "trail main" + self._hostile
        return [
            gap(
                "logging-off",
                GapKind.LOGGING_OFF,
                trail,
                (FIRST + 48) * SLOT,
                (FIRST + 72) * SLOT,
                evidence=(3, 4),
            ),
            gap(
                "data-events-absent",
                GapKind.NO_DATA_EVENTS,
                "data events",
                FIRST * SLOT,
                (FIRST + 143) * SLOT,
                Certainty.LIKELY,
                categories=("Data",),
            ),
        ]

    def validation(self) -> Validation:
        return Validation(
            complete=(Complete(ACCOUNT, "us-east-1" + self._hostile, FIRST * SLOT, (FIRST + 24) * SLOT),)
        )
