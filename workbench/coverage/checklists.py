"""What to ask of a custodian, per log, so that nothing that could be proven is lost while collecting.

Commands are those of the vendors' own tools (AWS CLI, Azure CLI, gcloud, gh, kubectl), as their references describe them.
"""

from __future__ import annotations

import msgspec


class Checklist(msgspec.Struct, frozen=True):
    """What to collect of one log.

    Attributes:
        ask: What to ask for.
        commands: With which commands.
        lost: What is lost for good if it is not collected, or collected in another way.
    """

    ask: tuple[str, ...]
    commands: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


_DIAGNOSTIC = (
    "az monitor diagnostic-settings list --resource RESOURCE_ID  # where the categories went, and since when"
)

_CHECKLISTS: dict[str, Checklist] = {
    "aws.cloudtrail": Checklist(
        (
            "every trail's objects as they lie in the bucket, of every account and region: CloudTrail and CloudTrail-Digest",
            "digest files from one before the period to one after it, and their object metadata: it holds the newest signature",
            "the public keys of the period",
            "every trail's selectors and status, event data stores, the organisation trail",
            "the event history of every region: what a stopped trail missed, management events of 90 days",
        ),
        (
            "aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/ ./ACCOUNT/  # CloudTrail/ and CloudTrail-Digest/, unpacked by nobody",
            "aws s3api head-object --bucket BUCKET --key DIGEST_KEY > DIGEST_NAME.json.gz.metadata.json  # for"
            " each digest; keep the name",
            "aws cloudtrail list-public-keys --start-time T1 --end-time T2 > public-keys.json  # in each region",
            "aws cloudtrail describe-trails --include-shadow-trails; get-trail-status and get-event-selectors of each trail",
            "aws cloudtrail lookup-events --start-time T1 --end-time T2 --region REGION  # each region, in short periods",
        ),
        (
            "the signature of the newest digest, if its object metadata is not kept: `aws s3 sync` drops it",
            "proof that nothing is missing, if digests are not collected: log files alone never show that one of them is absent",
            "management events of a stopped trail, 90 days after they happened",
        ),
    ),
    "aws.s3access": Checklist(
        ("the log objects of each bucket's target prefix, and each bucket's logging configuration",),
        ("aws s3api get-bucket-logging --bucket BUCKET", "aws s3 sync s3://TARGET/PREFIX ./s3access/"),
        ("delivery is best effort: a missing line proves nothing",),
    ),
    "aws.vpcflow": Checklist(
        ("flow logs of every VPC, subnet and interface concerned, with the format of each",),
        ("aws ec2 describe-flow-logs", "aws s3 sync s3://BUCKET/AWSLogs/ACCOUNT/vpcflowlogs/ ./flow/"),
        ("the format, if files without a header line come without it",),
    ),
    "aws.bedrock": Checklist(
        (
            "invocation logs of each region, and the bodies written to S3 apart",
            "CloudTrail of the same period: it names the key that signed",
        ),
        ("aws bedrock get-model-invocation-logging-configuration --region REGION",),
    ),
    "okta.system": Checklist(
        (
            "the System Log of the period and of the day before it, as JSON: the CSV of the console leaves fields out",
        ),
        (
            "GET /api/v1/logs?since=T1&until=T2&limit=1000  # follow every `next` link, keep every page as it came",
        ),
        ("what is older than 90 days",),
    ),
    "entra.signin": Checklist(
        (
            "each of SignInLogs, NonInteractiveUserSignInLogs, ServicePrincipalSignInLogs,"
            " ManagedIdentitySignInLogs: they are four exports",
            "the tenant's licence and its diagnostic settings: they decide what was kept",
        ),
        (
            "az monitor log-analytics query -w WORKSPACE --analytics-query 'AADServicePrincipalSignInLogs |"
            " where TimeGenerated between(...)'",
            "GET https://graph.microsoft.com/beta/auditLogs/signIns?$filter=signInEventTypes/any(t:t eq"
            " 'servicePrincipal') and createdDateTime ge T1",
            _DIAGNOSTIC,
        ),
        (
            "what is older than 7 or 30 days, unless a diagnostic setting kept it",
            "which credential a token was got with, without the service principals' rows",
        ),
    ),
    "entra.audit": Checklist(
        (
            "AuditLogs of the period and of the months before it: credentials are added long before they are used",
        ),
        (
            "GET https://graph.microsoft.com/v1.0/auditLogs/directoryAudits?$filter=activityDateTime ge T1",
            _DIAGNOSTIC,
        ),
        ("what is older than 7 or 30 days",),
    ),
    "graph.activity": Checklist(
        (
            "MicrosoftGraphActivityLogs from the diagnostic setting's store, all columns",
            "sign-ins of the same period: they join by token id",
        ),
        (
            "az monitor log-analytics query -w WORKSPACE --analytics-query 'MicrosoftGraphActivityLogs | where"
            " TimeGenerated between(...)'",
        ),
        ("everything from before the setting was switched on",),
    ),
    "m365.ual": Checklist(
        (
            "all record types, in portions that stay below 5,000 rows a call and 50,000 a session",
            "the mailboxes' audit settings and licences: MailItemsAccessed depends on them",
        ),
        (
            "Search-UnifiedAuditLog -StartDate T1 -EndDate T2 -SessionId ID -SessionCommand ReturnLargeSet -ResultSize 5000",
            "Get-Mailbox -ResultSize Unlimited | Select Name,AuditEnabled,AuditOwner,AuditDelegate",
        ),
        ("rows beyond the limit, without a word", "what is older than 180 days"),
    ),
    "azure.activity": Checklist(
        ("the Activity log of every subscription, and the tenant's own",),
        (
            "az monitor activity-log list --subscription ID --start-time T1 --end-time T2 --max-events 100000",
            _DIAGNOSTIC,
        ),
        (
            "reads, and access to data: they are in the resources' own diagnostic logs or nowhere",
            "what is older than 90 days",
        ),
    ),
    "azure.keyvault": Checklist(
        ("AuditEvent of every vault, from where its diagnostic setting sends it",),
        (_DIAGNOSTIC,),
        ("everything from before the setting was switched on",),
    ),
    "azure.storage": Checklist(
        ("StorageRead, StorageWrite and StorageDelete of blob, file, queue and table of each account",),
        (_DIAGNOSTIC,),
        ("everything from before the setting was switched on",),
    ),
    "github.audit": Checklist(
        (
            "the organisation's and the enterprise's audit log with git events, from the stream if there is one",
            "whether source addresses and api.request were switched on, and since when",
        ),
        ("gh api --paginate '/orgs/ORG/audit-log?include=all&per_page=100&phrase=created:T1..T2'",),
        ("git events older than seven days", "other events older than 180 days"),
    ),
    "gitlab.audit": Checklist(
        (
            "audit_json.log, api_json.log and production_json.log of every node with their rotated predecessors",
        ),
        ("GET /api/v4/audit_events?created_after=T1&created_before=T2  # and of each group",),
        ("who read what: reads are audited by nothing but the API and web logs",),
    ),
    "vault.audit": Checklist(
        (
            "the files of one audit device of every node, requests and responses",
            "`vault audit list -detailed`, and the hash of identifiers in question",
        ),
        (
            "vault audit list -detailed",
            "vault write sys/audit-hash/DEVICE input=VALUE  # while the salt still exists",
        ),
        (
            "the chance to compare hashed values with known ones, once the device is disabled: its salt is gone",
        ),
    ),
    "k8s.audit": Checklist(
        (
            "the log of every API server of the cluster, all stages",
            "the audit policy of the period, and the cluster's version",
        ),
        (
            "aws logs filter-log-events --log-group-name /aws/eks/CLUSTER/cluster --log-stream-name-prefix"
            " kube-apiserver-audit --start-time MS",
            "az monitor log-analytics query -w WORKSPACE --analytics-query \"AzureDiagnostics | where Category == 'kube-audit'\"",
            "kubectl get -A -o yaml secrets,roles,rolebindings,clusterrolebindings,serviceaccounts  # the state"
            " now, for what bodies would have said",
        ),
        ("bodies that the policy left out", "requests that another API server handled"),
    ),
    "gcp.audit": Checklist(
        (
            "activity, data_access, system_event and policy of every project, folder and organisation concerned",
            "the audit configuration of the period: it decides which data access was recorded",
        ),
        (
            "gcloud logging read --project ID --format json --order asc"
            ' \'logName:"cloudaudit.googleapis.com" AND timestamp>="T1" AND timestamp<"T2"\'',
            "gcloud projects get-iam-policy ID --format json  # auditConfigs; the same of folders and the organisation",
            "gcloud logging sinks list --project ID",
        ),
        ("data access where it was never switched on", "data_access entries older than 30 days by default"),
    ),
    "workspace.activity": Checklist(
        ("the activities of every application, some days after the period: events come in late",),
        (
            "GET https://admin.googleapis.com/admin/reports/v1/activity/users/all/applications/APPLICATION?startTime=T1&endTime=T2",
        ),
        ("what is older than six months",),
    ),
    "teleport.audit": Checklist(
        (
            "the events of the auth service's backend for the period",
            "session recordings, and whether enhanced recording was on",
        ),
        ("tctl get cluster_auth_preference", "tsh recordings ls --from-utc=T1 --to-utc=T2"),
        ("what was typed, without recordings",),
    ),
    "linux.syslog": Checklist(
        (
            "auth.log or secure and syslog with all rotated files and their modification times",
            "the host's time zone and an offset of its clock, measured",
        ),
        (
            "tar --numeric-owner -cpf HOST-var-log.tar /var/log",
            "timedatectl; date -u +%FT%T.%NZ  # beside a clock that is right",
        ),
        ("the year of the lines, without the files' dates",),
    ),
    "linux.journal": Checklist(
        ("the journal files of every host, all boots",),
        (
            "journalctl --merge --since T1 --until T2 -o json > HOST.journal.json",
            "cp -a /var/log/journal ./HOST-journal/",
        ),
    ),
    "linux.auditd": Checklist(
        (
            "/var/log/audit with all rotated files",
            "the rules that were loaded, and the counters of lost records",
        ),
        ("auditctl -l; auditctl -s", "tar --numeric-owner -cpf HOST-audit.tar /var/log/audit /etc/audit"),
        ("which calls were recorded at all, without the rules",),
    ),
    "snowflake.login": Checklist(
        ("LOGIN_HISTORY and SESSIONS for the period, all columns",),
        ("SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.LOGIN_HISTORY WHERE EVENT_TIMESTAMP BETWEEN 'T1' AND 'T2'",),
        ("what is older than a year",),
    ),
    "snowflake.query": Checklist(
        ("QUERY_HISTORY and ACCESS_HISTORY for the period, all columns",),
        ("SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY WHERE START_TIME BETWEEN 'T1' AND 'T2'",),
        ("which columns were read, without ACCESS_HISTORY",),
    ),
    "auth0.log": Checklist(
        ("the tenant log from its stream, or page by page",),
        ("GET /api/v2/logs?from=LOG_ID&take=100",),
        ("what is older than 1 to 30 days, by plan",),
    ),
}


def checklist_of(source: str) -> Checklist | None:
    """Return what to collect of a log; ``None`` if there is no list of its own."""
    return _CHECKLISTS.get(source)


ALWAYS = (
    "files as they were exported: not opened, not sorted, not saved by a spreadsheet",
    "with each: who exported it, when, where from, by which command, for which period and filter, in which zone, and its SHA-256",
    "a day before and a day after the period: sessions begin earlier and records arrive later",
    "what was asked for and is not there: deleted, never recorded, or refused, in writing",
)
"""What to ask for with every log."""
