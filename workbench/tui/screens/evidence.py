"""The evidence of a case: every file, and where every byte and record of it went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from workbench.model.case import CaseSummary
from workbench.model.evidence import ByteAccount, Disposition, EvidenceItem
from workbench.text import visible
from workbench.tui.lines.document import BLANK, Line, Span, line
from workbench.tui.lines.event import field
from workbench.tui.open_case import OpenCase
from workbench.tui.widgets.case_header import CaseHeader
from workbench.tui.widgets.document_view import DocumentView
from workbench.tui.widgets.key_footer import KeyFooter
from workbench.tui.zones import Zone

LISTED = 5_000
"""Files that are listed one by one; the sums are always over all of them."""


class EvidenceScreen(Screen[None]):
    """Lists the evidence with its accounting. Nothing can be changed here."""

    CSS_PATH = "evidence.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,escape", "leave", "Back")]

    def __init__(self, case: OpenCase, summary: CaseSummary) -> None:
        super().__init__()
        self._case = case
        self._summary = summary

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield CaseHeader(self._case, "Evidence", sections=False)
        yield DocumentView(evidence_lines(self._summary, self._case.zone))
        yield KeyFooter()

    def action_leave(self) -> None:
        """Go back to the timeline."""
        self.dismiss(None)


def evidence_lines(summary: CaseSummary, zone: Zone) -> Iterator[Line]:
    """Return the accounting: the sums of the case, then every file."""
    accounting = summary.accounting
    yield BLANK
    if not summary.evidence:
        yield line((" This case holds no evidence yet. Press A in the timeline to add some.", "muted"))
        return
    yield line((" all evidence", "heading"))
    yield field("files", f"{accounting.files:,}")
    yield _bytes_line(accounting.bytes, accounting.rejected_ranges)
    yield _records_line(accounting.records, accounting.dispositions)
    yield field(
        "events",
        f"{accounting.events:,} in the timeline",
        (
            f"   {accounting.duplicate_events:,} of duplicates kept apart, {accounting.replicas:,} with a twin in the case, "
            f"{accounting.undated:,} without a time",
            "muted",
        ),
    )
    if accounting.first is not None and accounting.last is not None:
        yield field("period", f"{zone.text(accounting.first)} to {zone.text(accounting.last)} {zone.name}")
    if accounting.balances:
        yield field("check", ("✓ every byte and every record is accounted for once", "success"))
    else:
        yield field("check", ("! the sums do not add up: treat this case file as damaged", "error"))
    for item in summary.evidence[:LISTED]:
        yield BLANK
        yield from _file_lines(item, zone)
    if len(summary.evidence) > LISTED:
        yield BLANK
        rest = len(summary.evidence) - LISTED
        yield line(
            (
                f" {rest:,} more files are not listed here; `workbench info --files` lists all of them.",
                "warning",
            )
        )


def _file_lines(item: EvidenceItem, zone: Zone) -> Iterator[Line]:
    packed = (
        f"   from {visible(item.container)}, {item.delivered_size:,} bytes as delivered"
        if item.container
        else ""
    )
    yield line(" ", (visible(item.name), "strong"), (packed, "muted"), indent=3)
    yield _bytes_line(item.bytes, item.rejected_ranges)
    yield _records_line(item.records, item.dispositions)
    sources = ", ".join(visible(source) for source in item.sources)
    yield field("events", f"{item.events:,}", (f"   {sources}" if sources else "", "muted"))
    yield field("content", visible(item.shape), (f"   {visible(item.encoding)}", "muted"))
    yield field("sha-256", item.content_sha256, ("   content", "muted"))
    if item.delivered_sha256 != item.content_sha256:
        yield field("", item.delivered_sha256, ("   as delivered", "muted"))
    said = item.acquisition
    for label, value in (
        ("custodian", said.custodian),
        ("acquired by", said.acquired_by),
        ("acquired at", said.acquired_at),
        ("how", said.how),
        ("note", said.note),
    ):
        if value:
            yield field(label, visible(value))
    yield field("added", f"{zone.text(item.added_at)} {zone.name}")
    for warning in item.warnings:
        yield field("warning", (visible(warning), "warning"))


def _bytes_line(account: ByteAccount, rejected_ranges: int) -> Line:
    """Write the sum ``size = records + structure + rejected``."""
    rejected = f"{account.rejected:,} rejected"
    ranges = (
        f" in {rejected_ranges:,} {'range' if rejected_ranges == 1 else 'ranges'}" if rejected_ranges else ""
    )
    return field(
        "bytes",
        f"{account.size:,} = {account.records:,} records + {account.structure:,} structure + ",
        Span(rejected + ranges, "warning" if account.rejected else "plain"),
        Span("" if account.balances else "   ! does not add up", "error"),
    )


def _records_line(records: int, dispositions: dict[Disposition, int]) -> Line:
    """Write the sum of the dispositions."""
    counted = [(kind, dispositions.get(kind, 0)) for kind in Disposition]
    spans: list[Span] = []
    for kind, count in counted:
        if count:
            notable = kind in (Disposition.CONFLICT, Disposition.UNRECOGNISED)
            plus = " + " if spans else ""
            spans.append(Span(f"{plus}{count:,} {kind.value}", "warning" if notable else "plain"))
    adds_up = records == sum(count for _, count in counted)
    return field(
        "records",
        f"{records:,}" + (" = " if spans else ""),
        *spans,
        Span("" if adds_up else "   ! does not add up", "error"),
    )
