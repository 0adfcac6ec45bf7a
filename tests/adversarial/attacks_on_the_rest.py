"""Attacks on evidence and on what is derived from it."""

from __future__ import annotations

import json

from tests.adversarial.attack import INSIDE, Attack, sql
from tests.adversarial.tampering import Forger
from workbench.casefile.claims.projection import ClaimProjection

ANY_EVENT = "(SELECT e.id FROM event e JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id"
ANY_EVENT += " WHERE f.name LIKE '%plain.json' LIMIT 1)"


def replace_evidence(forger: Forger) -> None:
    """Alter evidence, its hashes, the journal's word on it, and the tables made from that."""
    old, new = forger.alter_block("plain.json", hashes=True, delivered=True)
    entries = json.loads(json.dumps(forger.entries()).replace(old, new))
    forger.rewrite_without_checkpoints(entries)
    with forger.sql() as connection:
        ClaimProjection(connection).rebuild()


ATTACKS = [  # Evidence.
    Attack("evidence: one byte", lambda f: f.alter_block("plain.json"), "evidence-hash", "evidence-hash"),
    Attack(
        "evidence: one byte, hash beside it",
        lambda f: f.alter_block("plain.json", hashes=True),
        "evidence-replaced",
        "evidence-replaced",
    ),
    Attack(
        "evidence: one byte, all hashes",
        lambda f: f.alter_block("plain.json", hashes=True, delivered=True),
        "evidence-unknown",
        "evidence-missing",
    ),
    Attack(
        "evidence: packed, hash beside it",
        lambda f: f.alter_block("packed.json.gz", hashes=True),
        "evidence-replaced",
        "evidence-replaced",
    ),
    Attack("evidence: all hashes and the journal", replace_evidence, None, "outside-root", why=INSIDE),
    Attack(
        "evidence: block cut",
        sql("UPDATE block SET data = substr(data, 1, 20) WHERE id = 1"),
        "evidence-block",
        "evidence-block",
    ),
    Attack(
        "evidence: block removed", sql("DELETE FROM block WHERE id = 1"), "evidence-hash", "evidence-hash"
    ),
    Attack(
        "evidence: block moved",
        sql("UPDATE block SET start = start + 1 WHERE id = 1"),
        "evidence-block",
        "evidence-block",
    ),
    Attack(
        "evidence: block that claims to be shorter",
        sql("UPDATE block SET length = length - 1 WHERE id = 1"),
        "evidence-block",
        "evidence-block",
    ),
    Attack(
        "evidence: file hidden",
        sql("UPDATE delivered_file SET state = 'arriving' WHERE id = 1"),
        "evidence-missing",
        "evidence-missing",
    ),
    Attack(
        "evidence: file removed",
        sql("DELETE FROM evidence WHERE file_id = 1", "DELETE FROM delivered_file WHERE id = 1"),
        "evidence-missing",
        "evidence-missing",
    ),
    Attack(
        "evidence: file slipped in",
        sql(
            "INSERT INTO delivered_file SELECT 9999, 'new.json', hex(randomblob(32)), size, modified_at,"
            " damage, acquisition_id, added_at, state FROM delivered_file WHERE id = 1"
        ),
        "evidence-unknown",
        "evidence-unknown",
    ),
    Attack(
        "evidence: block cut, and all made anew",
        sql("UPDATE block SET data = substr(data, 1, 20) WHERE id = 1"),
        "evidence-block",
        "rebuild",
        True,
    ),
    Attack(
        "evidence: another name",
        sql("UPDATE delivered_file SET name = 'other.json' WHERE id = 1"),
        "evidence-described",
        "evidence-described",
    ),
    Attack(
        "evidence: another time of last change",
        sql("UPDATE delivered_file SET modified_at = modified_at + 1 WHERE id = 1"),
        "evidence-described",
        "evidence-described",
    ),
    Attack(
        "evidence: a content of a packed file renamed",
        sql("UPDATE evidence SET member = 'other.json' WHERE container <> ''"),
        "evidence-described",
        "evidence-described",
    ),
    Attack(
        "evidence: a content named that has no name",
        sql("UPDATE evidence SET member = 'other.json' WHERE container = ''"),
        "evidence-described",
        "evidence-described",
    ),
    Attack(
        "evidence: a content's time of last change",
        sql("UPDATE evidence SET modified_at = 1"),
        "evidence-described",
        "evidence-described",
    ),
    Attack(
        "evidence: a content's size",
        sql("UPDATE evidence SET size = size + 1 WHERE id = 1"),
        "evidence-size",
        "evidence-size",
    ),
    # What people said, as tables.
    Attack(
        "tag: its reason",
        sql("UPDATE claim SET body = replace(body, 'The record', 'No record') WHERE kind = 'tag'"),
        "claims-altered",
        "claims-altered",
    ),
    Attack("tag: removed", sql("DELETE FROM claim WHERE kind = 'tag'"), "claims-altered", "claims-altered"),
    Attack(
        "tag: its author",
        sql("UPDATE claim SET author = 'Somebody else'"),
        "claims-altered",
        "claims-altered",
    ),
    Attack(
        "tag: taken back",
        sql("UPDATE claim SET superseded_by = entry, retracted = 'wrong' WHERE kind = 'tag'"),
        "claims-altered",
        "claims-altered",
    ),
    Attack("tag: its events", sql("DELETE FROM tagged_event"), "claims-altered", "claims-altered"),
    Attack(
        "tag: its grade on events",
        sql("UPDATE tagged_event SET grade = 'excluded'"),
        "claims-altered",
        "claims-altered",
    ),
    Attack(
        "tag: on another event",
        sql("UPDATE tagged_event SET event_id = event_id + 1"),
        "claims-altered",
        "claims-altered",
    ),
    Attack(
        "review: turned round",
        sql("UPDATE claim_review SET body = json_set(body, '$.approves', json('false'))"),
        "claims-altered",
        "claims-altered",
    ),
    Attack("review: removed", sql("DELETE FROM claim_review"), "claims-altered", "claims-altered"),
    Attack(
        "note: invented",
        sql(
            "INSERT INTO claim SELECT 'x', seq, kind, 'N-x', 1, time, author, NULL, NULL, NULL, 0,"
            " body FROM claim WHERE kind = 'note'"
        ),
        "claims-altered",
        "claims-altered",
    ),
    Attack(
        "withdrawal: invented",
        sql("INSERT INTO withdrawn VALUES (1, 'x')"),
        "claims-altered",
        "claims-altered",
    ),
    # The derived layer.
    Attack(
        "event: time",
        sql(f"UPDATE event SET time = time + 1000000 WHERE id = {ANY_EVENT}"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "event: identity",
        sql(f"UPDATE event SET identity_id = (SELECT max(id) FROM identity) WHERE id = {ANY_EVENT}"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "event: hidden as a duplicate",
        sql(f"UPDATE event SET disposition = 2 WHERE id = {ANY_EVENT}"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "event: removed",
        sql(f"DELETE FROM event WHERE id = {ANY_EVENT}"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "event: invented",
        lambda f: f.run(
            "CREATE TEMP TABLE one AS SELECT * FROM event WHERE id = " + ANY_EVENT,
            "UPDATE one SET id = 99999, start = start + 1",
            "INSERT INTO event SELECT * FROM one",
        ),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "event: outcome of every failure",
        sql("UPDATE outcome SET status = 'success', code = NULL WHERE status <> 'success'"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "identity: renamed for every event",
        sql("UPDATE identity SET name = 'mallory', canonical = 'mallory' WHERE id = 1"),
        "derived-event",
        "derived-event",
        True,
    ),
    Attack(
        "record that became no event: forgotten",
        sql("DELETE FROM other_record"),
        "derived-account",
        "derived-account",
        True,
    ),
    Attack(
        "session: moved",
        sql("UPDATE session SET body = json_set(body, '$.start', 1)"),
        "derived-session",
        "derived-session",
        True,
    ),
    Attack(
        "session: removed",
        sql("DELETE FROM session WHERE id = (SELECT min(id) FROM session)"),
        "derived-session",
        "derived-session",
        True,
    ),
    Attack(
        "link: raised to proven",
        sql(
            "UPDATE link SET strength = 'proven', body = json_set(body, '$.strength', 'proven')"
            " WHERE strength <> 'proven'"
        ),
        "derived-link",
        "derived-link",
        True,
    ),
    Attack(
        "credential: its uses",
        sql("UPDATE known_credential SET body = json_set(body, '$.events', 0)"),
        "derived-credential",
        "derived-credential",
        True,
    ),
    Attack(
        "gap: removed",
        sql("DELETE FROM gap WHERE id = (SELECT min(id) FROM gap)"),
        "derived-gap",
        "derived-gap",
        True,
    ),
    Attack(
        "gap: its effect",
        sql("UPDATE gap SET body = json_set(body, '$.effect', 'None.')"),
        "derived-gap",
        "derived-gap",
        True,
    ),
    Attack(
        "gap: listed as less certain",
        sql("UPDATE gap SET certainty = 'possible' WHERE certainty <> 'possible'"),
        "derived-gap",
        "derived-gap",
        True,
    ),
    Attack("gap: its events", sql("DELETE FROM gap_event"), "derived-gap", "derived-gap", True),
    Attack("gap: unreadable", sql("UPDATE gap SET body = '{}'"), "derived-gap", "derived-gap", True),
    Attack(
        "coverage: invented",
        sql("UPDATE coverage_hour SET slots = '[9,9,9,9,9,9,9,9,9,9,9,9]'"),
        "derived-coverage",
        "derived-coverage",
        True,
    ),
    Attack(
        "change: its value",
        sql("UPDATE change SET stated_after = '1'"),
        "derived-change",
        "derived-change",
        True,
    ),
    Attack(
        "change: its basis",
        sql("UPDATE change SET before_basis = 'logged' WHERE before_basis <> 'logged'"),
        "derived-change",
        "derived-change",
        True,
    ),
    Attack(
        "change: removed",
        sql("DELETE FROM change WHERE position = 0"),
        "derived-change",
        "derived-change",
        True,
    ),
    Attack(
        "change: its resource",
        sql("UPDATE changed_resource SET title = 'other'"),
        "derived-change",
        "derived-change",
        True,
    ),
    Attack(
        "event, without making it anew",
        sql(f"UPDATE event SET time = time + 1000000 WHERE id = {ANY_EVENT}"),
        None,
        None,
        why="that takes --deep, and the check says so",
    ),
]
