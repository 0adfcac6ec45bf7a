"""Snapshots: what a resource was at a time, as tools print it. They are evidence of a state and no events.

What they say about which resource is taken out by :mod:`workbench.changes.snapshots`; here they are only told apart from logs.
"""

from __future__ import annotations

from collections.abc import Mapping

from workbench.model.evidence import Disposition
from workbench.sources.document import fold
from workbench.sources.protocol import Context, DocumentReader, Reading

AWS_CONFIG = "AWS Config items"
AWS_CONFIG_ITEM = "AWS Config item"
AWS_ACCOUNT = "aws iam get-account-authorization-details"
TERRAFORM = "Terraform state"
KUBERNETES = "Kubernetes object (kubectl get -o json)"

_CLI = {
    "Role": ("RoleName", "aws iam get-role"),
    "User": ("UserName", "aws iam get-user"),
    "Group": ("GroupName", "aws iam get-group"),
    "Policy": ("PolicyName", "aws iam get-policy"),
}
"""What single answers of ``aws iam get-…`` are called, with a field of the object inside."""

_INLINE = ("RoleName", "UserName", "GroupName")
_LISTS = {
    "AccessKeyMetadata": ("AccessKeyId", "aws iam list-access-keys"),
    "SecurityGroups": ("GroupId", "aws ec2 describe-security-groups"),
    "Roles": ("RoleName", "aws iam list-roles"),
}


def form_of(document: Mapping[str, object]) -> str:
    """Return what kind of snapshot a document is, empty if it is none."""
    items = document.get("configurationItems")
    if isinstance(items, list) and items and isinstance(items[0], dict) and "resourceType" in items[0]:
        return AWS_CONFIG
    if "configurationItemCaptureTime" in document and "resourceType" in document:
        return AWS_CONFIG_ITEM
    if "terraform_version" in document and isinstance(document.get("resources"), list):
        return TERRAFORM
    if "RoleDetailList" in document or "UserDetailList" in document:
        return AWS_ACCOUNT
    for key, (field, form) in _CLI.items():
        inner = document.get(key)
        if isinstance(inner, dict) and field in inner and len(document) <= 4:
            return form
    for key, (field, form) in _LISTS.items():
        listed = document.get(key)
        if isinstance(listed, list) and listed and isinstance(listed[0], dict) and field in listed[0]:
            return form
    if (
        "PolicyDocument" in document
        and "PolicyName" in document
        and any(name in document for name in _INLINE)
    ):
        return "aws iam get-…-policy"
    metadata = document.get("metadata")
    if (
        isinstance(document.get("kind"), str)
        and isinstance(document.get("apiVersion"), str)
        and isinstance(metadata, dict)
        and isinstance(metadata.get("name"), str)
        and not str(document["apiVersion"]).startswith("audit.k8s.io")
    ):
        return KUBERNETES
    return ""


class SnapshotReader(DocumentReader):
    """Knows snapshots of AWS, Terraform and Kubernetes."""

    source = "snapshot"
    version = 1
    title = "Snapshots of resources (no events)"
    needs = (
        "AWS Config history or snapshot files, aws iam get-account-authorization-details, aws iam get-role and the like,"
        " aws ec2 describe-security-groups, a Terraform state file, kubectl get -o json of roles and bindings"
    )
    checked_against = ""
    hints = frozenset(
        map(
            fold,
            (
                *(
                    "configurationItems",
                    "configurationItemCaptureTime",
                    "terraform_version",
                    "RoleDetailList",
                    "UserDetailList",
                ),
                *("PolicyDocument", "apiVersion", *_CLI, *_LISTS),
            ),
        )
    )

    def recognises(self, document: dict[str, object]) -> str:
        """Tell by what a document is a snapshot."""
        return form_of(document)

    def read(self, document: dict[str, object], context: Context) -> Reading:
        """Set a snapshot aside as what it is."""
        return Reading(disposition=Disposition.SNAPSHOT, reason=form_of(document))
