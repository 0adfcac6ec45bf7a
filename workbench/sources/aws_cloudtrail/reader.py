"""The CloudTrail reader."""

from __future__ import annotations

from workbench.sources.aws_cloudtrail.fast import decode_natives, read_natives
from workbench.sources.aws_cloudtrail.slow import in_native_form, is_cloudtrail, read_any
from workbench.sources.protocol import Context, DocumentReader, Reading, only_with


class CloudTrailReader(DocumentReader):
    """Reads CloudTrail records: one event each, in every spelling that common exports use."""

    source = "aws.cloudtrail"
    version = 4
    title = "AWS CloudTrail"
    needs = (
        "the trail's S3 objects of every region and account, digest files included; "
        "else LookupEvents output of each region (management events of the last 90 days only)"
    )

    checked_against = "three published sets of real logs, 3,100 records"
    hints = frozenset(
        {"eventsource", "eventtype", "plogtype", "digeststarttime", "publickeylist", "metadata"}
    )
    marks = only_with(plogtype=frozenset({"aws.cloudtrail"}))

    decode = staticmethod(decode_natives)
    """Decode records in AWS's own spelling."""

    read_run = staticmethod(read_natives)
    """Read the bytes of bare records in AWS's own spelling, but those about which anything is unusual."""

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a CloudTrail event or digest in any spelling."""
        return is_cloudtrail(document)

    def native(self, document: dict[str, object]) -> dict[str, object]:
        """Undo what an export did to a record's form, so that copies can be compared."""
        return in_native_form(document)

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read a document: an event, a digest, or unrecognised if it names no operation at all."""
        return read_any(document)
