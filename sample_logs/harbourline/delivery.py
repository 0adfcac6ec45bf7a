"""What the responders at Harbourline were handed, and what their SIEM holds of the same."""

from __future__ import annotations

from shapes.exports import Files, cloudwatch, elastic, lines, lower_keyed, packed, records_of, trail_files
from shapes.telling import Story

from harbourline.cast import PROD


def native(story: Story) -> Files:
    """Return the files as the services write them."""
    trails = trail_files(story.held("aws.cloudtrail"))
    files = {f"s3/{name}.gz": packed(content) for name, content in trails.items()}
    audit = story.held("k8s.audit")
    half = len(audit) // 2
    for name, part in (("a", audit[:half]), ("b", audit[half:])):
        files[f"eks/kube-apiserver-audit-{name}.log.gz"] = packed(lines(records_of(part)))
    files["github/audit-log.ndjson.gz"] = packed(lines(records_of(story.held("github.audit"))))
    return files


def siem(story: Story) -> Files:
    """Return the same records as the SIEM, the data lake and the log group hold them."""
    trail = story.held("aws.cloudtrail")
    third = len(trail) // 3
    files = {
        f"elastic-cloudtrail-{number}.ndjson.gz": packed(elastic("logs-aws.cloudtrail-2026.05", part))
        for number, part in enumerate((trail[:third], trail[third:]))
    }
    group = "/aws/eks/pay-production/cluster"
    files["cloudwatch-eks.json.gz"] = packed(
        cloudwatch(story.held("k8s.audit"), PROD, group, "kube-apiserver-audit-7d0c1f")
    )
    files["lake-github.jsonl.gz"] = packed(
        lower_keyed(story.held("github.audit"), "GitHub.Audit", "@timestamp")
    )
    return files
