from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.model.event import Event, IdentityKind, OutcomeStatus, ResourceRole, Verb
from workbench.sources.linux import AuditdReader, SyslogReader
from workbench.sources.parts import BAD_TIME, NO_ZONE
from workbench.sources.protocol import Context

READER = SyslogReader()
KEY = "SHA256:Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5"
AUTHORITY = "SHA256:Y2VydGlmaWNhdGVhdXRob3JpdHlrZXlmaW5nZXJwcmlu"


def micros(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp()) * 1_000_000


FILE_DATE = micros("2023-07-20T00:00:00+00:00")
BERLIN = Context(timezone="Europe/Berlin", modified_at=FILE_DATE)

SAMPLES = [
    f"Jul 10 11:42:18 web-1 sshd[812]: Accepted publickey for jdoe from 192.0.2.7 port 50022 ssh2: ED25519 {KEY}",
    f"Jul 10 11:42:18 web-1 sshd[812]: Accepted publickey for ops from 192.0.2.7 port 50022 ssh2: "
    f"ED25519-CERT {KEY} ID alice (serial 4711) CA RSA {AUTHORITY}",
    "<38>Jul 10 11:42:19 web-1 sshd[813]: Failed password for invalid user admin from 2001:db8::7 port 5 ssh2",
    "<86>1 2023-07-10T11:42:18.250+02:00 web-1 sshd 812 - - Invalid user eve from 192.0.2.7 port 5",
    "2023-07-10T11:42:18.250123+02:00 web-1 sshd[812]: Disconnected from user jdoe 192.0.2.7 port 50022",
    "Jul 10 11:42:20 web-1 sshd[812]: Starting session: shell on pts/0 for jdoe from 192.0.2.7 port 5 id 0",
    "Jul 10 11:42:20 web-1 sshd[812]: message repeated 3 times: [ Failed password for root from 192.0.2.7 port 5 ssh2]",
    'Jul 10 11:42:20 web-1 sftp-server[4]: rename old "/srv/a" new "/srv/b"',
    "Jul 10 11:42:21 web-1 sudo:  jdoe : TTY=pts/0 ; PWD=/home/jdoe ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow",
    "Jul 10 11:42:21 web-1 sudo:  jdoe : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
    "Jul 10 11:42:22 web-1 su[9]: (to root) jdoe on pts/1",
    "Jul 10 11:42:22 web-1 pkexec[9]: jdoe: Executing command [USER=root] [TTY=unknown] [CWD=/] [COMMAND=/usr/bin/id]",
    "Jul 10 11:42:23 web-1 useradd[7]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash",
    "Jul 10 11:42:23 web-1 usermod[7]: add 'eve' to group 'sudo'",
    "Jul 10 11:42:23 web-1 usermod[7]: change user 'eve' shell from '/bin/sh' to '/bin/bash'",
    "Jul 10 11:42:24 web-1 passwd[7]: pam_unix(passwd:chauthtok): password changed for eve",
    "Jul 10 11:42:24 web-1 sudo: pam_unix(sudo:session): session opened for user root(uid=0) by jdoe(uid=1000)",
    "Jul 10 11:42:24 web-1 sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= "
    "rhost=192.0.2.7  user=root",
    "Jul 10 11:42:25 web-1 CRON[5]: (root) CMD (/usr/local/bin/backup --all)",
    "Jul 10 11:42:25 web-1 login[5]: LOGIN ON tty1 BY jdoe",
    "Jul 10 11:42:25 web-1 systemd-logind[5]: New session 12 of user jdoe.",
    "Jul 10 11:42:26 web-1 systemd[1]: Stopped System Logging Service.",
    "Jul 10 11:42:26 web-1 myapp[77]: payment 12 done",
]


def read(line: str, context: Context = BERLIN) -> Event:
    assert READER.recognises_line(line), line
    event = READER.read_line(line, context).event
    assert event is not None
    return event


def said(program: str, message: str) -> Event:
    return read(f"Jul 10 11:42:18 web-1 {program}: {message}")


class TestTimes:
    def test_year_of_the_file_and_zone_of_the_responder_are_told(self) -> None:
        time = read("Jul 10 11:42:18 web-1 sshd[8]: Server listening on 0.0.0.0 port 22.").time
        assert time.micros == micros("2023-07-10T09:42:18+00:00")
        assert time.raw == "Jul 10 11:42:18"
        assert time.basis == (
            "RFC 3164, no year: 2023 from the file's date, no zone: Europe/Berlin (--timezone)"
        )

    @pytest.mark.parametrize(
        ("stamp", "modified", "year"),
        [
            ("Dec 31 23:59:59", "2023-01-02T03:00:00+00:00", 2022),
            ("Jan  1 00:00:01", "2023-01-02T03:00:00+00:00", 2023),
            ("Aug  1 00:00:00", "2023-07-20T00:00:00+00:00", 2022),
            ("Jul 21 05:00:00", "2023-07-20T23:00:00+00:00", 2023),
            ("Jul 25 05:00:00", "2023-07-20T23:00:00+00:00", 2022),
            ("Jan  1 00:10:00", "2022-12-31T23:30:00+00:00", 2023),
        ],
    )
    def test_a_log_is_not_written_ahead(self, stamp: str, modified: str, year: int) -> None:
        context = Context(timezone="Europe/Berlin", modified_at=micros(modified))
        time = read(f"{stamp} web-1 cron[1]: x", context).time
        assert f"no year: {year} from" in time.basis

    def test_without_zone_or_date_there_is_no_instant(self) -> None:
        line = "Jul 10 11:42:18 web-1 cron[1]: x"
        for context in (Context(), Context(timezone="Europe/Berlin"), Context(modified_at=FILE_DATE)):
            event = read(line, context)
            assert event.time.micros is None
            assert event.time.raw == "Jul 10 11:42:18"
            assert {BAD_TIME, NO_ZONE} & set(event.warnings)

    def test_a_day_that_the_year_lacks_is_no_instant(self) -> None:
        assert read("Feb 29 11:42:18 web-1 cron[1]: x").time.micros is None

    @pytest.mark.parametrize("modified", [-(10**18), 10**18])
    def test_an_absurd_file_date_is_no_hint(self, modified: int) -> None:
        event = read("Jul 10 11:42:18 web-1 cron[1]: x", Context(timezone="UTC", modified_at=modified))
        assert event.time.micros is None

    @pytest.mark.parametrize(
        "line",
        [
            "<86>1 2023-07-10T11:42:18+02:00 web-1 sshd 8 - - Server listening on :: port 22.",
            '<86>1 2023-07-10T11:42:18+02:00 web-1 sshd 8 ID47 [a@1 k="v \\] x"][b] \ufeffServer listening on :: port 22.',
            "2023-07-10T11:42:18+02:00 web-1 sshd[8]: Server listening on :: port 22.",
            "<86>2023-07-10T11:42:18+0200 web-1 sshd[8]: Server listening on :: port 22.",
        ],
    )
    def test_other_forms_carry_year_and_zone(self, line: str) -> None:
        event = read(line, Context())
        assert event.time.micros == micros("2023-07-10T09:42:18+00:00")
        assert (event.place.account, event.act.service) == ("web-1", "sshd")
        assert event.particulars is not None
        assert event.particulars.correlation_id == "web-1/pid=8"
        assert event.act.category == ("authpriv" if line.startswith("<") else None)


def test_the_samples_are_known() -> None:
    assert all(read(line).time.micros is not None for line in SAMPLES)


class TestRecognition:
    @pytest.mark.parametrize(
        "line",
        [
            "",
            "{}",
            "hello world",
            "2023-07-10T11:42:18Z INFO worker: started",
            "2023-07-10T11:42:18Z host something: without a process id",
            "Jul 10 2023",
            "Mai 10 11:42:18 web-1 sshd[8]: x",
            "2 123456789010 eni-0a1 192.0.2.1 198.51.100.2 443 49152 6 10 840 1600000000 1600000060 ACCEPT OK",
            '192.0.2.1 - - [10/Jul/2023:11:42:18 +0000] "GET / HTTP/1.1" 200 5',
            'type=CWD msg=audit(1481077231.371:479):  cwd="/root"',
            'Jul 10 11:42:18 web-1 audispd: type=CWD msg=audit(1481077231.371:479):  cwd="/root"',
        ],
    )
    def test_other_lines_are_left_alone(self, line: str) -> None:
        assert READER.recognises_line(line) == ""

    def test_a_line_of_any_program_is_an_event_of_the_kind_other(self) -> None:
        event = read("Jul 10 11:42:18 web-1 myapp[77]: payment 12 done")
        assert (event.act.service, event.act.action, event.act.verb) == ("myapp", "message", Verb.OTHER)
        assert event.outcome.status is OutcomeStatus.UNKNOWN
        assert event.identity is None

    @given(st.text(max_size=200))
    def test_nothing_raises(self, text: str) -> None:
        for line in (text, f"Jul 10 11:42:18 h {text}", f"Jul 10 11:42:18 h sshd[1]: {text}"):
            if READER.recognises_line(line):
                assert READER.read_line(line, BERLIN).event is not None


class TestSsh:
    def test_an_accepted_key(self) -> None:
        event = said(
            "sshd[812]", f"Accepted publickey for jdoe from 192.0.2.7 port 50022 ssh2: ED25519 {KEY}"
        )
        assert (event.act.action, event.act.verb) == ("Accepted publickey", Verb.AUTHENTICATE)
        assert event.identity is not None
        assert (event.identity.canonical, event.identity.name, event.identity.account) == (
            "jdoe@web-1", "jdoe", "web-1",
        )  # fmt: skip
        assert event.kind.kind is IdentityKind.UNDECIDED
        assert event.credential is not None
        assert (event.credential.type, event.credential.native_id) == ("ssh key", KEY)
        assert event.address is not None
        assert (event.address.ip, event.address.raw) == ("192.0.2.7", "192.0.2.7 port 50022")
        assert event.outcome.status is OutcomeStatus.SUCCESS
        assert [(each.type, each.name, each.account) for each in event.resources] == [
            ("linux:user", "jdoe", "web-1")
        ]

    def test_a_certificate_names_authority_serial_and_key(self) -> None:
        event = said(
            "sshd-session[812]",
            f"Accepted publickey for ops from 2001:db8::7 port 22 ssh2: "
            f"ED25519-CERT {KEY} ID alice from 192.0.2.9 (serial 4711) CA RSA {AUTHORITY}",
        )
        assert event.credential is not None
        assert (event.credential.type, event.credential.native_id) == (
            "ssh certificate",
            f"{AUTHORITY} serial 4711",
        )
        assert event.particulars is not None
        assert [(each.type, each.native_id) for each in event.particulars.used] == [
            ("ssh key", KEY), ("ssh certificate authority", AUTHORITY),
        ]  # fmt: skip
        assert event.address is not None
        assert event.address.ip == "2001:db8::7"

    def test_serial_zero_names_no_certificate(self) -> None:
        event = said(
            "sshd[1]",
            f"Accepted publickey for ops from 192.0.2.7 port 22 ssh2: RSA-CERT {KEY} ID x (serial 0) CA RSA {AUTHORITY}",
        )
        assert event.credential is not None
        assert event.credential.type == "ssh key"

    def test_refusals(self) -> None:
        failed = said("sshd[1]", "Failed password for invalid user admin from 192.0.2.7 port 5 ssh2")
        assert (failed.outcome.status, failed.outcome.code) == (OutcomeStatus.DENIED, "invalid user")
        unknown = said("sshd[1]", "Invalid user admin from 192.0.2.7 port 5")
        assert unknown.identity is not None
        assert (unknown.identity.name, unknown.outcome.status) == ("admin", OutcomeStatus.DENIED)
        listed = said("sshd[1]", "User root from 192.0.2.7 not allowed because not listed in AllowUsers")
        assert (listed.outcome.status, listed.outcome.code) == (
            OutcomeStatus.DENIED,
            "not listed in AllowUsers",
        )

    @pytest.mark.parametrize(
        "name", ["a from 198.51.100.66 port 22 ssh2", "x from 198.51.100.66", " from 198.51.100.66 port 1"]
    )
    def test_a_user_name_cannot_forge_the_address(self, name: str) -> None:
        for message in (
            f"Failed password for invalid user {name} from 192.0.2.7 port 5 ssh2",
            f"Invalid user {name} from 192.0.2.7 port 5",
            f"Connection closed by invalid user {name} 192.0.2.7 port 5 [preauth]",
        ):
            event = said("sshd[1]", message)
            assert event.address is not None
            assert event.address.ip == "192.0.2.7"

    def test_a_line_that_reads_in_two_ways_names_nobody(self) -> None:
        event = said(
            "sshd[1]",
            "Failed publickey for invalid user a from 192.0.2.7 port 5 ssh2: RSA x from 198.51.100.66 port 1 ssh2: RSA y",
        )
        assert (event.identity, event.address, event.credential) == (None, None, None)
        assert any("two ways" in warning for warning in event.warnings)

    def test_repeated_messages_are_read_and_told(self) -> None:
        event = said(
            "sshd[1]", "message repeated 3 times: [ Failed password for root from 192.0.2.7 port 5 ssh2]"
        )
        assert event.act.action == "Failed password"
        assert "stands for 3 equal messages" in event.warnings

    def test_the_course_of_a_connection_is_no_sign_in(self) -> None:
        for message in (
            "Received disconnect from 192.0.2.7 port 5:11: disconnected by user",
            "Disconnected from user jdoe 192.0.2.7 port 5",
            'Connection from 192.0.2.7 port 5 on 192.0.2.1 port 22 rdomain ""',
        ):
            event = said("sshd[1]", message)
            assert event.act.verb is Verb.OTHER
            assert event.address is not None
            assert event.address.ip == "192.0.2.7"

    def test_sessions_and_files(self) -> None:
        shell = said("sshd[1]", "Starting session: shell on pts/0 for jdoe from 192.0.2.7 port 5 id 0")
        assert shell.act.verb is Verb.EXECUTE
        written = said("sftp-server[4]", 'open "/srv/a b" flags WRITE,CREATE,TRUNCATE mode 0644')
        assert (written.act.verb, written.resources[0].name) == (Verb.UPDATE, "/srv/a b")
        moved = said("internal-sftp[4]", 'rename old "/srv/a" new "/srv/b"')
        assert [(each.name, each.role) for each in moved.resources] == [
            ("/srv/a", ResourceRole.SOURCE), ("/srv/b", ResourceRole.TARGET),
        ]  # fmt: skip


class TestElevation:
    def test_sudo_names_both_accounts_and_the_command(self) -> None:
        event = said(
            "sudo",
            "   jdoe : TTY=pts/0 ; PWD=/home/jdoe ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow ; echo x",
        )
        assert event.identity is not None
        assert event.identity.canonical == "jdoe@web-1"
        assert event.particulars is not None
        assert event.particulars.on_behalf_of is not None
        assert event.particulars.on_behalf_of.canonical == "root@web-1"
        assert (event.act.verb, event.outcome.status) == (Verb.EXECUTE, OutcomeStatus.SUCCESS)
        assert event.resources[0].name == "/usr/bin/cat /etc/shadow ; echo x"

    @pytest.mark.parametrize(
        "refusal",
        [
            "user NOT in sudoers",
            "command not allowed",
            "3 incorrect password attempts",
            "a password is required",
        ],
    )
    def test_what_sudo_refuses_is_denied(self, refusal: str) -> None:
        event = said(
            "sudo", f"jdoe : {refusal} ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/auditctl -e 0"
        )
        assert (event.outcome.status, event.outcome.code) == (OutcomeStatus.DENIED, refusal)
        assert not event.act.tampers_logging

    @pytest.mark.parametrize(
        "command",
        [
            "/usr/sbin/auditctl -e 0", "/sbin/auditctl -D", "/usr/bin/systemctl stop auditd.service",
            "/usr/bin/systemctl --now disable rsyslog", "/usr/bin/rm -rf /var/log/audit", "/usr/sbin/service rsyslog stop",
            "/usr/bin/journalctl --rotate --vacuum-time=1s", "/usr/bin/truncate -s 0 /var/log/auth.log",
        ],
    )  # fmt: skip
    def test_commands_that_weaken_logging_are_flagged(self, command: str) -> None:
        assert said("sudo", f"jdoe : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={command}").act.tampers_logging

    @pytest.mark.parametrize(
        "command", ["/usr/sbin/auditctl -l", "/bin/cat /var/log/auth.log", "/usr/bin/systemctl status auditd"]
    )
    def test_looking_at_logs_is_not(self, command: str) -> None:
        assert not said(
            "sudo", f"jdoe : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={command}"
        ).act.tampers_logging

    def test_a_password_on_the_command_line_is_no_name(self) -> None:
        event = said(
            "sudo",
            "jdoe : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/mysql -u root --password=hunter2 -h db",
        )
        assert "hunter2" not in event.resources[0].name
        assert "mysql -u root" in event.resources[0].name

    def test_su(self) -> None:
        event = said("su[9]", "(to root) jdoe on pts/1")
        assert event.identity is not None
        assert (event.identity.name, event.outcome.status) == ("jdoe", OutcomeStatus.SUCCESS)
        assert said("su[9]", "FAILED SU (to root) jdoe on pts/1").outcome.status is OutcomeStatus.DENIED


class TestAccounts:
    def test_a_new_user(self) -> None:
        event = said(
            "useradd[7]",
            "new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/0",
        )
        assert (event.act.verb, event.resources[0].name) == (Verb.CREATE, "eve")
        assert event.particulars is not None
        assert {each.field: each.after for each in event.particulars.changes} == {
            "UID": '"1001"', "GID": '"1001"', "home": '"/home/eve"', "shell": '"/bin/bash"',
        }  # fmt: skip

    def test_membership_delegates(self) -> None:
        for event in (
            said("usermod[7]", "add 'eve' to group 'sudo'"),
            said("gpasswd[7]", "user eve added by root to group sudo"),
        ):
            assert event.act.verb is Verb.DELEGATE
            assert [(each.name, each.role) for each in event.resources] == [
                ("sudo", ResourceRole.TARGET), ("eve", ResourceRole.GRANTEE),
            ]  # fmt: skip

    def test_before_and_after(self) -> None:
        event = said("usermod[7]", "change user 'eve' shell from '/bin/sh' to '/bin/bash'")
        assert event.particulars is not None
        change = event.particulars.changes[0]
        assert (change.field, change.before, change.after) == ("shell", '"/bin/sh"', '"/bin/bash"')

    def test_a_password_is_a_credential(self) -> None:
        for event in (
            said("passwd[7]", "pam_unix(passwd:chauthtok): password changed for eve"),
            said("usermod[7]", "change user 'eve' password"),
        ):
            assert (event.act.verb, event.resources[0].name) == (Verb.ISSUE_CREDENTIAL, "eve")


class TestSessions:
    def test_pam_sessions_name_who_and_as_whom(self) -> None:
        event = said("sudo", "pam_unix(sudo:session): session opened for user root(uid=0) by jdoe(uid=1000)")
        assert event.identity is not None
        assert event.particulars is not None
        assert event.particulars.on_behalf_of is not None
        assert (event.identity.name, event.particulars.on_behalf_of.name) == ("jdoe", "root")
        plain = said("sshd[1]", "pam_unix(sshd:session): session opened for user jdoe by (uid=0)")
        assert plain.identity is not None
        assert plain.identity.name == "jdoe"

    def test_cron_is_a_machine_and_a_console_sign_in_a_person(self) -> None:
        assert said("CRON[5]", "(root) CMD (/usr/local/bin/backup)").kind.kind is IdentityKind.NONHUMAN
        assert said("login[5]", "LOGIN ON tty1 BY jdoe").kind.kind is IdentityKind.HUMAN
        assert said("login[5]", "LOGIN ON pts/1 BY jdoe FROM 192.0.2.1").kind.kind is IdentityKind.UNDECIDED
        failed = said("login[5]", "FAILED LOGIN (1) on '/dev/tty1' FOR 'jdoe', Authentication failure")
        assert (failed.kind.kind, failed.outcome.status) == (IdentityKind.UNDECIDED, OutcomeStatus.DENIED)

    def test_authentication_failures(self) -> None:
        event = said(
            "sshd[1]",
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
        )
        assert event.identity is not None
        assert event.address is not None
        assert (event.identity.name, event.address.ip) == ("root", "192.0.2.7")
        more = said(
            "sshd[1]",
            "PAM 4 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
        )
        assert "stands for 4 more failures" in more.warnings

    def test_logging_that_stops_is_flagged(self) -> None:
        assert said("systemd[1]", "Stopped System Logging Service.").act.tampers_logging
        assert said("systemd[1]", "Stopping rsyslog.service - System Logging Service...").act.tampers_logging
        assert said("auditd[1]", "The audit daemon is exiting.").act.tampers_logging
        assert not said("systemd[1]", "Started System Logging Service.").act.tampers_logging


def test_the_two_line_readers_never_claim_the_same_line() -> None:
    auditd = AuditdReader()
    for line in (
        'Jul 10 11:42:18 web-1 audispd: node=web-1 type=CWD msg=audit(1481077231.371:479): cwd="/"',
        'type=CWD msg=audit(1481077231.371:479): cwd="/"',
        "Jul 10 11:42:18 web-1 sshd[1]: Invalid user type=CWD msg=audit(1.1:1): from 192.0.2.1 port 1",
    ):
        assert bool(READER.recognises_line(line)) != bool(auditd.recognises_line(line))
