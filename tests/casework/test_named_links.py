"""What joins by a name that one system hands to the next, from records to links: Vault to AWS, Teleport, Workspace to Cloud."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.casework.logs import Record, record, trail
from tests.sources.google import samples as google
from tests.sources.test_vault_audit import LOGIN, hashed
from workbench.casefile.reader import CaseReader
from workbench.casework.add_evidence import add_evidence
from workbench.casework.derive import derive
from workbench.casework.new_case import new_case
from workbench.clock import SECOND
from workbench.model.session import EndKind, Link, Strength


def links_of(tmp_path: Path, *rules: str, **files: bytes) -> list[Link]:
    """Add the files to a new case and return the links by these rules."""
    case = tmp_path / "test.case"
    new_case(case, title="t", examiner="t")
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_bytes(content)
    add_evidence(case, [tmp_path / f"{name}.json" for name in files], actor="t")
    derive(case, actor="t")
    with CaseReader.open(case) as reader:
        return [link for link in reader.derived.links() if link.rule in rules]


def lines(*documents: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in documents)


def vault(number: int, time: str, path: str) -> dict[str, Any]:
    """A request for AWS credentials that Vault answered."""
    return {
        "time": time,
        "type": "response",
        "auth": LOGIN["auth"],
        "request": {
            "id": f"aaaaaaaa-0000-4000-8000-{number:012d}",
            "operation": "read",
            "mount_type": "aws",
            "mount_point": "aws/",
            "client_token": hashed("token-1"),
            "client_token_accessor": hashed("accessor-1"),
            "namespace": {"id": "root"},
            "path": path,
            "remote_address": "203.0.113.40",
        },
        "response": {
            "mount_type": "aws",
            "secret": {"lease_id": f"{path}/{number}"},
            "data": {"access_key": hashed(f"key-{number}"), "secret_key": hashed("secret")},
        },
    }


def aws_user(number: int, name: str, time: str) -> Record:
    return record(
        number,
        eventTime=time,
        userIdentity={
            "type": "IAMUser",
            "principalId": "AIDAVAULTEXAMPLE",
            "arn": f"arn:aws:iam::111122223333:user/{name}",
            "accountId": "111122223333",
            "accessKeyId": "AKIAVAULTEXAMPLE0001",
            "userName": name,
        },
    )


def role_session(number: int, name: str, time: str) -> Record:
    return record(
        number,
        eventTime=time,
        userIdentity={
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE:{name}",
            "arn": f"arn:aws:sts::111122223333:assumed-role/ops/{name}",
            "accountId": "111122223333",
            "accessKeyId": "ASIAEXAMPLE000000001",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": "AROAEXAMPLE",
                    "arn": "arn:aws:iam::111122223333:role/ops",
                    "accountId": "111122223333",
                    "userName": "ops",
                }
            },
        },
    )


def test_a_user_that_vault_named_is_joined_to_the_request_of_that_second(tmp_path: Path) -> None:
    asked = vault(1, "2024-05-01T10:01:40.2Z", "aws/creds/deploy")
    other = vault(2, "2024-05-01T10:01:41.0Z", "aws/creds/backup")
    late = vault(3, "2024-05-01T11:01:41.0Z", "aws/creds/deploy")
    used = aws_user(1, "vault-kubernetes-pay-runner-deploy-1714557700-aB3dE5gH7jK9", "2024-05-01T10:02:00Z")
    found = links_of(tmp_path, "vault-name", vault=lines(LOGIN, asked, other, late), aws=trail([used]))
    assert len(found) == 1
    assert found[0].strength is Strength.INFERRED
    assert found[0].rival_count == 0
    assert abs(found[0].delta or 0) < SECOND
    assert "keyed hash" in found[0].caveats[0]


def test_two_requests_that_fit_a_nameless_session_are_rivals(tmp_path: Path) -> None:
    asked = [vault(n, f"2024-05-01T10:01:4{n}.2Z", f"aws/sts/role-{n}") for n in range(3)]
    used = role_session(1, "vault-1714557700-aB3dE5gH7jK9", "2024-05-01T10:02:00Z")
    found = links_of(tmp_path, "vault-name", vault=lines(LOGIN, *asked), aws=trail([used]))
    assert [link.rival_count for link in found] == [2, 2, 2]
    assert {link.strength for link in found} == {Strength.INFERRED}


def test_a_user_with_another_name_is_not_joined_to_vault(tmp_path: Path) -> None:
    asked = vault(1, "2024-05-01T10:01:40.2Z", "aws/creds/deploy")
    used = aws_user(1, "vault-operator", "2024-05-01T10:01:41Z")
    assert not links_of(tmp_path, "vault-name", vault=lines(LOGIN, asked), aws=trail([used]))


def teleport(event: str, code: str, number: int, time: str, **fields: Any) -> dict[str, Any]:
    return {
        "cluster_name": "tele.example.com",
        "code": code,
        "ei": 0,
        "event": event,
        "time": time,
        "uid": f"99999999-8888-4777-8666-{number:012d}",
        "user": "ana",
        "addr.remote": "192.0.2.7:51001",
        **fields,
    }


def certificate(number: int, time: str) -> dict[str, Any]:
    who = {"user": "ana", "roles": ["ops"], "client_ip": "192.0.2.7", "expires": "2024-05-01T20:00:00Z"}
    made = teleport("cert.create", "TC000I", number, time, cert_type="user", identity=who)
    del made["user"], made["addr.remote"]
    return made


def test_teleport_from_login_to_session_to_aws(tmp_path: Path) -> None:
    audit = lines(
        teleport("user.login", "T1000I", 1, "2024-05-01T09:00:00.100Z", method="local", success=True),
        certificate(2, "2024-05-01T09:00:00.125Z"),
        teleport(
            "user.login", "T1000I", 3, "2024-05-01T08:59:00.000Z", method="local", success=True, user="bob"
        ),
        teleport(
            "session.start", "T2000I", 4, "2024-05-01T09:05:00Z", sid="aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
        ),
    )
    cloud = trail(
        [
            role_session(1, "ana", "2024-05-01T09:30:00Z"),
            aws_user(2, "ana", "2024-05-01T09:31:00Z"),
            role_session(3, "zoe", "2024-05-01T09:32:00Z"),
        ]
    )
    found = links_of(
        tmp_path, "teleport-login", "teleport-certificate", "teleport-aws", teleport=audit, aws=cloud
    )
    assert sorted(link.rule for link in found) == ["teleport-aws", "teleport-certificate", "teleport-login"]
    assert {link.strength for link in found} == {Strength.INFERRED}
    login = next(link for link in found if link.rule == "teleport-login")
    assert login.delta == 25_000


def authorised(client: str) -> dict[str, Any]:
    return google.activity(
        {
            "type": "DOMAIN_SETTINGS",
            "name": "AUTHORIZE_API_CLIENT_ACCESS",
            "parameters": [
                {"name": "API_CLIENT_NAME", "value": client},
                {"name": "API_SCOPES", "multiValue": ["https://mail.example/"]},
            ],
        }
    )


def test_domain_wide_rights_are_joined_to_the_account_with_that_number(tmp_path: Path) -> None:
    found = links_of(
        tmp_path,
        "domain-delegation",
        cloud=lines(google.KEY_CREATED),
        workspace=lines(authorised(google.NUMBER)),
    )
    assert [(link.target.kind, link.target.id) for link in found] == [(EndKind.IDENTITY, google.ACCOUNT)]
    assert found[0].strength is Strength.PROVEN


def test_a_client_with_another_number_is_nobody(tmp_path: Path) -> None:
    other = str(int(google.NUMBER) + 1)
    assert not links_of(
        tmp_path, "domain-delegation", cloud=lines(google.KEY_CREATED), workspace=lines(authorised(other))
    )
