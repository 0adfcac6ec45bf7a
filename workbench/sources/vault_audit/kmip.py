"""The KMIP messages that Vault Enterprise audits: operations by number (OASIS KMIP 1.4 section 9.1.3.2.27)."""

from __future__ import annotations

from workbench.model.event import Verb
from workbench.sources.document import Document, member
from workbench.sources.vault_audit.paths import Decision

_OPERATIONS: dict[int, tuple[str, Verb]] = {
    0x01: ("Create", Verb.CREATE),
    0x02: ("CreateKeyPair", Verb.CREATE),
    0x03: ("Register", Verb.CREATE),
    0x04: ("Rekey", Verb.UPDATE),
    0x05: ("DeriveKey", Verb.CREATE),
    0x08: ("Locate", Verb.READ),
    0x09: ("Check", Verb.READ),
    0x0A: ("Get", Verb.READ_SECRET),
    0x0B: ("GetAttributes", Verb.READ),
    0x0C: ("GetAttributeList", Verb.READ),
    0x0D: ("AddAttribute", Verb.UPDATE),
    0x0E: ("ModifyAttribute", Verb.UPDATE),
    0x0F: ("DeleteAttribute", Verb.UPDATE),
    0x12: ("Activate", Verb.UPDATE),
    0x13: ("Revoke", Verb.UPDATE),
    0x14: ("Destroy", Verb.DELETE),
    0x18: ("Query", Verb.READ),
    0x1A: ("Poll", Verb.READ),
    0x1C: ("Put", Verb.CREATE),
    0x1D: ("RekeyKeyPair", Verb.UPDATE),
    0x1E: ("DiscoverVersions", Verb.READ),
    0x1F: ("Encrypt", Verb.OTHER),
    0x20: ("Decrypt", Verb.READ_SECRET),
    0x2A: ("Import", Verb.CREATE),
    0x2B: ("Export", Verb.READ_SECRET),
}


def decide(fields: Document) -> Decision:
    """Decide what kind of act a KMIP message is by its operation; one with several is not classified."""
    found = set()
    for message in fields.objects_at("request.data.kmip_request.value"):
        if member(message, "tag") != "BatchItem":
            continue
        for item in _objects(member(message, "value")):
            if member(item, "tag") == "Operation":
                found.add(str(member(item, "value"))[:32])
    if len(found) != 1:
        return Decision("kmip", Verb.UNCLASSIFIED, "no single operation", False, False)
    code = found.pop()
    name, verb = _OPERATIONS.get(_number(code), (code, Verb.UNCLASSIFIED))
    rule = f"KMIP operation: {name}" if verb is not Verb.UNCLASSIFIED else "no rule"
    return Decision(f"kmip {name}", verb, rule, False, False)


def _objects(value: object) -> list[dict[str, object]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _number(code: str) -> int:
    try:
        return int(code, 16)
    except ValueError:
        return 0
