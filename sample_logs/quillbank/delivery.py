"""What the responders at Quillbank were handed, and what their workspace and SIEM hold of the same."""

from __future__ import annotations

from shapes.entra import table_row
from shapes.exports import (
    Files,
    as_csv,
    dump,
    elastic,
    elastic_page,
    lines,
    lower_keyed,
    packed,
    records_of,
    splunk,
    table,
)
from shapes.telling import Story, Told


def native(story: Story) -> Files:
    """Return the files as diagnostic settings, a search and a log sink write them."""
    files: Files = {}
    signed_in = story.held("entra.signin")
    for category in sorted({each.place for each in signed_in}):
        part = [each for each in signed_in if each.place == category]
        files[f"entra/{category}.json.gz"] = packed(lines(records_of(part)))
    files["entra/AuditLogs.json.gz"] = packed(lines(records_of(story.held("entra.audit"))))
    files["graph/MicrosoftGraphActivityLogs.json.gz"] = packed(
        lines(records_of(story.held("graph.activity")))
    )
    search = ("CreationDate", "UserIds", "Operations", "AuditData")
    rows = as_csv(search, map(_search_row, story.held("m365.ual")))
    files["m365/search-unified-audit-log.csv.gz"] = packed(rows)
    files["azure/activity.json.gz"] = packed(lines(records_of(story.held("azure.activity"))))
    files["azure/keyvault.json.gz"] = packed(lines(records_of(story.held("azure.keyvault"))))
    entries = story.held("gcp.audit")
    for log in ("activity", "data_access"):
        part = [each for each in entries if each.place.endswith(log)]
        files[f"gcp/{log}.json.gz"] = packed(dump(records_of(part)).encode())
    return files


def _search_row(each: Told) -> tuple[str, ...]:
    (record,) = each.records
    return each.at.strftime("%Y-%m-%dT%H:%M:%S"), record["UserId"], record["Operation"], dump(record)


def siem(story: Story) -> Files:
    """Return the same records from the Log Analytics workspace, the SIEM and the data lake."""
    return {
        "workspace-sign-ins.json.gz": packed(table(story.held("entra.signin"), table_row)),
        "workspace-audit.json.gz": packed(table(story.held("entra.audit"), table_row)),
        "workspace-graph.json.gz": packed(table(story.held("graph.activity"), table_row)),
        "elastic-m365.ndjson.gz": packed(elastic("logs-o365.audit-2026.04", story.held("m365.ual"))),
        "lake-azure-activity.jsonl.gz": packed(
            lower_keyed(story.held("azure.activity"), "Azure.MonitorActivity", "")
        ),
        "elastic-keyvault.json.gz": packed(elastic_page("azure-2026.04", story.held("azure.keyvault"))),
        "splunk-gcp.ndjson.gz": packed(splunk(story.held("gcp.audit"), "google:gcp:pubsub:message")),
    }
