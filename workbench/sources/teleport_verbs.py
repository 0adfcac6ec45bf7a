"""What kind of act a Teleport event tells of (Teleport "Audit events reference")."""

from __future__ import annotations

from workbench.model.event import Verb

OVERRIDES: dict[str, tuple[Verb, str]] = {
    **{
        event: (verb, rule)
        for verb, rule, events in (
            (
                Verb.AUTHENTICATE,
                "override: sign-in",
                "user.login user.headless_login auth mfa_auth_challenge.create mfa_auth_challenge.validate recovery_code.used "
                "device.authenticate device.authenticate.confirm bot.join instance.join saml.idp.auth sso_test cert.login",
            ),
            (
                Verb.ISSUE_CREDENTIAL,
                "override: issues a credential",
                "cert.create reset_password_token.create recovery_token.create privilege_token.create join_token.create "
                "provision_token.create recovery_code.generated user.password_change mfa.add device.enroll.token.create "
                "spiffe.svid.issued workload_identity.x509_svid.issued trusted_cluster_token.create "
                "cert_auth_override.create",
            ),
            (
                Verb.DELEGATE,
                "override: grants access",
                "access_request.create access_request.update access_request.review access_list.create "
                "access_list.member.create access_list.member.update role.created role.updated access_list.update "
                "trusted_cluster.create user.create user.update bot.create bot.update saml.created saml.updated "
                "oidc.created oidc.updated github.created github.updated workload_identity.create "
                "db.session.permissions.update login_rule.create saml.idp.service.provider.create",
            ),
            (
                Verb.EXECUTE,
                "override: runs a command or query",
                "exec session.command subsystem session.start session.join session.connect db.session.start app.session.start "
                "windows.desktop.session.start db.session.query db.session.query.failed port x11-forward "
                "db.session.postgres.statements.execute db.session.postgres.function db.session.mysql.statements.execute "
                "db.session.mysql.statements.bulk_execute db.session.mysql.shut_down db.session.mysql.process_kill "
                "db.session.sqlserver.rpc_request db.session.cassandra.execute db.session.cassandra.batch "
                "db.session.spanner.rpc ssm.run git.command",
            ),
            (
                Verb.READ,
                "override: reads",
                "session.recording.access access_request.search session.search desktop.directory.read "
                "desktop.clipboard.receive",
            ),
            (
                Verb.UPDATE,
                "override: writes",
                "desktop.directory.write desktop.clipboard.send device.authenticate.update",
            ),
            (
                Verb.OTHER,
                "override: course of a session",
                "session.end session.leave session.data session.upload session.disk session.network session.rejected "
                "session.process_exit resize print client.disconnect db.session.end app.session.end app.session.chunk "
                "windows.desktop.session.end desktop.directory.share desktop.recording port.local keepalive "
                "db.session.malformed_packet auth.server.start",
            ),
        )
        for event in events.split()
    },
}
"""Verb and rule by event."""

BY_LAST_WORD = {
    **dict.fromkeys(("create", "created", "add", "added", "create_card"), Verb.CREATE),
    **dict.fromkeys(
        ("update", "updated", "upsert", "update_card", "update_info", "deactivate", "enroll"), Verb.UPDATE
    ),
    **dict.fromkeys(
        ("delete", "deleted", "remove", "removed", "revoke", "delete_card", "delete_all"), Verb.DELETE
    ),
    **dict.fromkeys(("list", "get", "read", "search", "access"), Verb.READ),
}

BY_METHOD = {
    **dict.fromkeys(("GET", "HEAD", "LIST", "WATCH"), Verb.READ),
    "POST": Verb.UNCLASSIFIED,
    "PUT": Verb.UPDATE,
    "PATCH": Verb.UPDATE,
    "DELETE": Verb.DELETE,
}
"""Requests to a Kubernetes cluster or an application are told by their HTTP method alone."""

FILES = {"download": Verb.READ, "upload": Verb.UPDATE}
"""What ``scp`` was used for."""

SFTP = {
    3: Verb.READ, 4: Verb.UPDATE, 5: Verb.READ, 6: Verb.READ, 7: Verb.UPDATE, 8: Verb.UPDATE, 9: Verb.READ,
    10: Verb.READ, 11: Verb.DELETE, 12: Verb.CREATE, 13: Verb.DELETE, 14: Verb.READ, 15: Verb.READ, 16: Verb.UPDATE,
    17: Verb.READ, 18: Verb.CREATE,
}  # fmt: skip
"""By ``action`` of ``sftp``: 1 and 2 open and close a file, for reading or writing alike."""

TAMPERS = frozenset(
    {
        *("session_recording_config.update", "cluster_audit_config.update", "external_audit_storage.disable"),
        *("external_audit_storage.enable", "session.recording.delete"),
    }
)
"""Events that change what is recorded from then on."""
