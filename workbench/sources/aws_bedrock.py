"""Amazon Bedrock model invocation logs: who asked which model, with the questions and answers in the record.

Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". Logging is off by default
and is set for each region. Prompts and answers are content of the record: they never become names.
"""

from __future__ import annotations

from workbench.model.event import Act, Event, Outcome, OutcomeStatus, Resource, ResourceRole, Verb
from workbench.sources import parts
from workbench.sources.aws_cloudtrail.arns import read_arn
from workbench.sources.aws_cloudtrail.outcome import read_outcome
from workbench.sources.aws_principals import Principal, principal
from workbench.sources.document import Document
from workbench.sources.interning import remembered
from workbench.sources.protocol import Context, DocumentReader, Reading
from workbench.sources.times import read_moment

_SCHEMA = "ModelInvocationLog"
_RUNS = ("InvokeModel", "Converse", "StartAsyncInvoke", "InvokeAgent")
_READS = ("List", "Get", "CountTokens")
_INTERVENED = "guardrail_intervened"
_BODIES = ("input", "output")


class BedrockReader(DocumentReader):
    """Reads model invocations. The caller is named by ARN alone: the log holds no access key, address or agent.

    CloudTrail records the same request under its request id, with the key that signed it.
    """

    source = "aws.bedrock"
    version = 1
    title = "Amazon Bedrock model invocation log"
    needs = (
        "the log group or bucket of each region where invocation logging was switched on, "
        "with the bodies that were written to S3 apart, and CloudTrail for the same period"
    )
    checked_against = "published samples edited by hand"
    hints = frozenset({"schematype", "modelid"})

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a model invocation."""
        fields = Document(document)
        if fields.value("schemaType") == _SCHEMA:
            return f"schemaType is {_SCHEMA}"
        if fields.has("modelId") and fields.has("operation") and fields.has(*_BODIES):
            return "modelId, operation, and an input or output"
        return ""

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Read one model invocation."""
        fields = Document(document)
        # The service writes UTC with a Z, so a time that lost its zone in an export is UTC.
        time = read_moment(fields.value("timestamp"), "timestamp", context, utc_by="AWS")
        who, kind = _caller(fields.text("identity.arn"))
        account = fields.text("accountId")
        event = Event(
            time=time,
            act=_act(fields.text("operation") or ""),
            identity=who,
            kind=kind,
            credential=None,
            address=None,
            user_agent=None,
            outcome=_outcome(fields),
            place=parts.place(account, fields.text("region")),
            resources=_model(fields.text("modelId")),
            request_id=fields.text("requestId"),
            warnings=parts.warnings_of(time, fields.odd),
            particulars=parts.particulars(withheld=_elsewhere(fields)),
        )
        return Reading(event=event)


@remembered(256)
def _act(operation: str) -> Act:
    for verb, prefixes in ((Verb.EXECUTE, _RUNS), (Verb.READ, _READS)):
        found = next((prefix for prefix in prefixes if operation.startswith(prefix)), None)
        if found:
            return parts.act("bedrock", operation, verb, f"prefix {found}", "Data")
    return parts.act("bedrock", operation, Verb.UNCLASSIFIED, "no rule", "Data")


def _caller(arn: str | None) -> Principal:
    return principal(arn or "")


def _outcome(fields: Document) -> Outcome:
    """Decide by the error code, else by the answer: a record with an answer is that of a call that was answered.

    A call in which a guardrail stepped in was answered, but not with what was asked for: it counts as denied.
    """
    code = fields.text("errorCode")
    if code:
        return read_outcome(code, failed_message=False, answer=None, has_result=False, name="")
    body = fields.within("output.outputBodyJson")
    if body.value("stopReason") == _INTERVENED:
        return parts.outcome(OutcomeStatus.DENIED, _INTERVENED)
    action = body.value("amazon-bedrock-guardrailAction")
    if action == "INTERVENED":
        return parts.outcome(OutcomeStatus.DENIED, "guardrailAction INTERVENED")
    answered = fields.has("output.outputBodyJson", "output.outputBodyS3Path", "output.outputTokenCount")
    return parts.outcome(OutcomeStatus.SUCCESS if answered else OutcomeStatus.UNKNOWN)


def _model(model: str | None) -> tuple[Resource, ...]:
    if not model:
        return ()
    arn = read_arn(model)
    if arn is None:
        return (Resource("bedrock:model", model, ResourceRole.TARGET),)
    return (Resource(arn.type, model, ResourceRole.TARGET, arn.account),)


def _elsewhere(fields: Document) -> tuple[str, ...]:
    """Return the bodies that are not in the record: those above 100 kB and binary ones are written to S3 apart."""
    return tuple(
        f"{body}.{body}BodyJson: written apart, to {path}"
        for body in _BODIES
        if (path := fields.text(f"{body}.{body}BodyS3Path"))
    )
