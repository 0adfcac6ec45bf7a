-- The first form of a case file. Every table is STRICT. Columns that repeat endlessly in logs are coded through
-- small tables ("dictionaries"): an event is a row of numbers, and each identity, act or address stands once.
-- Instants are integer microseconds UTC. The views at the end are for people with any SQLite tool.

CREATE TABLE case_info (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- 1. Evidence: original bytes, written once ---------------------------------------------------------------------

CREATE TABLE acquisition (
    id          INTEGER PRIMARY KEY,
    custodian   TEXT,
    acquired_at TEXT,
    acquired_by TEXT,
    how         TEXT,
    note        TEXT
) STRICT;

-- A file as delivered. It is acknowledged, and visible, once state is 'complete'.
CREATE TABLE delivered_file (
    id             INTEGER PRIMARY KEY,
    name           TEXT NOT NULL,
    sha256         TEXT,
    size           INTEGER,
    modified_at    INTEGER,
    damage         TEXT,
    acquisition_id INTEGER NOT NULL REFERENCES acquisition (id),
    added_at       INTEGER,
    state          TEXT NOT NULL CHECK (state IN ('arriving', 'complete'))
) STRICT;
CREATE UNIQUE INDEX delivered_file_by_sha256 ON delivered_file (sha256) WHERE state = 'complete';
CREATE INDEX delivered_file_arriving ON delivered_file (id) WHERE state = 'arriving';

-- A content: the bytes of a delivered file, or of one member of a delivered archive, after decompression.
CREATE TABLE evidence (
    id              INTEGER PRIMARY KEY,
    file_id         INTEGER NOT NULL REFERENCES delivered_file (id),
    member          TEXT NOT NULL,
    container       TEXT NOT NULL,
    modified_at     INTEGER,
    content_sha256  TEXT,
    size            INTEGER
) STRICT;
CREATE INDEX evidence_by_file ON evidence (file_id);
CREATE INDEX evidence_by_content ON evidence (content_sha256);

-- The content itself, in order, each block a Zstandard frame of at most 256 KiB of it.
CREATE TABLE block (
    id          INTEGER PRIMARY KEY,
    evidence_id INTEGER NOT NULL REFERENCES evidence (id),
    start       INTEGER NOT NULL,
    length      INTEGER NOT NULL,
    data        BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX block_by_place ON block (evidence_id, start);

-- 2. Derived: a function of the evidence, may be thrown away and rebuilt ------------------------------------------

-- How a content was read and where its bytes went; columns describes the columns of a CSV content as JSON.
CREATE TABLE content_account (
    evidence_id     INTEGER PRIMARY KEY REFERENCES evidence (id),
    shape           TEXT NOT NULL,
    encoding        TEXT NOT NULL,
    columns         TEXT,
    record_bytes    INTEGER NOT NULL,
    structure_bytes INTEGER NOT NULL,
    rejected_bytes  INTEGER NOT NULL,
    records         INTEGER NOT NULL,
    sources         TEXT NOT NULL,
    warnings        TEXT
) STRICT;

CREATE TABLE rejected_range (
    id          INTEGER PRIMARY KEY,
    evidence_id INTEGER NOT NULL REFERENCES evidence (id),
    start       INTEGER NOT NULL,
    length      INTEGER NOT NULL,
    reason      TEXT NOT NULL
) STRICT;
CREATE INDEX rejected_range_by_place ON rejected_range (evidence_id, start);

CREATE TABLE act (
    id              INTEGER PRIMARY KEY,
    service         TEXT NOT NULL,
    action          TEXT NOT NULL,
    verb            TEXT NOT NULL,
    verb_rule       TEXT NOT NULL,
    tampers_logging INTEGER NOT NULL,
    category        TEXT
) STRICT;
CREATE INDEX act_by_value ON act (service, action);

CREATE TABLE identity (
    id        INTEGER PRIMARY KEY,
    canonical TEXT NOT NULL,
    name      TEXT NOT NULL,
    native_id TEXT,
    account   TEXT
) STRICT;
CREATE INDEX identity_by_value ON identity (canonical, name);

CREATE TABLE kind_reason (
    id     INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX kind_reason_by_value ON kind_reason (kind, reason);

CREATE TABLE credential (
    id        INTEGER PRIMARY KEY,
    type      TEXT NOT NULL,
    native_id TEXT NOT NULL
) STRICT;
CREATE INDEX credential_by_value ON credential (native_id COLLATE NOCASE, type);

CREATE TABLE address (
    id   INTEGER PRIMARY KEY,
    raw  TEXT NOT NULL,
    kind TEXT NOT NULL,
    ip   TEXT
) STRICT;
CREATE INDEX address_by_value ON address (raw COLLATE NOCASE);

CREATE TABLE user_agent (
    id     INTEGER PRIMARY KEY,
    raw    TEXT NOT NULL,
    client TEXT
) STRICT;
CREATE INDEX user_agent_by_value ON user_agent (raw COLLATE NOCASE);

CREATE TABLE outcome (
    id     INTEGER PRIMARY KEY,
    status TEXT NOT NULL,
    code   TEXT
) STRICT;
CREATE INDEX outcome_by_value ON outcome (status, code);

CREATE TABLE place (
    id      INTEGER PRIMARY KEY,
    account TEXT,
    region  TEXT,
    tenant  TEXT
) STRICT;
CREATE INDEX place_by_value ON place (account, region, tenant);

CREATE TABLE resource (
    id      INTEGER PRIMARY KEY,
    type    TEXT,
    name    TEXT NOT NULL,
    role    TEXT NOT NULL,
    account TEXT
) STRICT;
CREATE INDEX resource_by_value ON resource (name COLLATE NOCASE, type, role);

-- The resources of one event, in their order, as a text of resource ids: thousands of events share one such set.
CREATE TABLE resource_set (
    id      INTEGER PRIMARY KEY,
    members TEXT NOT NULL
) STRICT;
CREATE INDEX resource_set_by_value ON resource_set (members);
CREATE TABLE resource_set_member (
    set_id      INTEGER NOT NULL REFERENCES resource_set (id),
    resource_id INTEGER NOT NULL REFERENCES resource (id),
    PRIMARY KEY (resource_id, set_id)
) STRICT, WITHOUT ROWID;

-- The further keys (session ids, token ids) that one event presents beside its credential, likewise.
CREATE TABLE key_set (
    id      INTEGER PRIMARY KEY,
    members TEXT NOT NULL
) STRICT;
CREATE INDEX key_set_by_value ON key_set (members);
CREATE TABLE key_set_member (
    set_id        INTEGER NOT NULL REFERENCES key_set (id),
    credential_id INTEGER NOT NULL REFERENCES credential (id),
    PRIMARY KEY (credential_id, set_id)
) STRICT, WITHOUT ROWID;

-- Which reader read a record, and through which wrappers.
CREATE TABLE reading (
    id             INTEGER PRIMARY KEY,
    source         TEXT NOT NULL,
    reader_version INTEGER NOT NULL,
    wrapper        TEXT NOT NULL
) STRICT;
CREATE INDEX reading_by_value ON reading (source, reader_version, wrapper);

CREATE TABLE time_note (
    id          INTEGER PRIMARY KEY,
    "precision" TEXT NOT NULL,
    basis       TEXT NOT NULL
) STRICT;
CREATE INDEX time_note_by_value ON time_note (basis, "precision");

CREATE TABLE warning_set (
    id       INTEGER PRIMARY KEY,
    warnings TEXT NOT NULL
) STRICT;
CREATE INDEX warning_set_by_value ON warning_set (warnings);

-- One event. disposition: 0 primary, 1 conflict, 2 duplicate, 3 continuation, 4 withdrawn; the timeline shows 0 and 1.
-- time_raw is NULL where the time, written as RFC 3339 in its precision, gives the text of the record back.
-- native_id, request_id and shared_id hold a lower-case UUID as a blob of 16 bytes, 32 lower-case hexadecimal digits
-- as one of 17 (a leading 0x01), anything else as text.
-- What filters ask for stands first: SQLite reaches a column by passing those before it.
CREATE TABLE event (
    id              INTEGER PRIMARY KEY,
    disposition     INTEGER NOT NULL,
    act_id          INTEGER NOT NULL REFERENCES act (id),
    outcome_id      INTEGER NOT NULL REFERENCES outcome (id),
    identity_id     INTEGER REFERENCES identity (id),
    resource_set_id INTEGER REFERENCES resource_set (id),
    address_id      INTEGER REFERENCES address (id),
    credential_id   INTEGER REFERENCES credential (id),
    user_agent_id   INTEGER REFERENCES user_agent (id),
    place_id        INTEGER NOT NULL REFERENCES place (id),
    kind_id         INTEGER NOT NULL REFERENCES kind_reason (id),
    key_set_id      INTEGER REFERENCES key_set (id),
    reading_id      INTEGER NOT NULL REFERENCES reading (id),
    time            INTEGER,
    evidence_id     INTEGER NOT NULL REFERENCES evidence (id),
    start           INTEGER NOT NULL,
    length          INTEGER NOT NULL,
    part            INTEGER NOT NULL,
    time_note_id    INTEGER NOT NULL REFERENCES time_note (id),
    time_raw        TEXT,
    warning_set_id  INTEGER REFERENCES warning_set (id),
    native_id       ANY,
    request_id      ANY,
    shared_id       ANY
) STRICT;
CREATE INDEX event_by_place ON event (evidence_id, start, disposition);
CREATE INDEX event_by_native_id ON event (native_id) WHERE native_id IS NOT NULL;
CREATE INDEX event_by_shared_id ON event (shared_id) WHERE shared_id IS NOT NULL;
CREATE INDEX event_by_time ON event (time) WHERE disposition < 2;

-- What only some events say. changes: a JSON array of {field, before, after, resource}, before and after as JSON text;
-- withheld: one line each. stage: of several records that report one act under one shared_id the highest is the act.
CREATE TABLE particulars (
    event_id        INTEGER PRIMARY KEY REFERENCES event (id),
    on_behalf_of_id INTEGER REFERENCES identity (id),
    device          TEXT,
    correlation_id  ANY,
    stage           INTEGER,
    withheld        TEXT,
    changes         TEXT
) STRICT;
CREATE INDEX particulars_by_behalf ON particulars (on_behalf_of_id) WHERE on_behalf_of_id IS NOT NULL;
CREATE INDEX particulars_by_device ON particulars (device COLLATE NOCASE) WHERE device IS NOT NULL;
CREATE INDEX particulars_by_correlation ON particulars (correlation_id) WHERE correlation_id IS NOT NULL;

-- Credentials that an event created or handed out. expires: microseconds UTC.
CREATE TABLE issued_credential (
    event_id      INTEGER NOT NULL REFERENCES event (id),
    position      INTEGER NOT NULL,
    credential_id INTEGER NOT NULL REFERENCES credential (id),
    issued_to     TEXT,
    expires       INTEGER,
    PRIMARY KEY (event_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX issued_credential_by_credential ON issued_credential (credential_id);

-- A zone is a run of events written together. Which values occur in it is noted once, instead of an index entry for
-- every event and column: a filter reads only the zones that can hold what it asks for. For ten thousand events this costs
-- a tenth of what indexes would, in time and in space.
CREATE TABLE zone (
    id          INTEGER PRIMARY KEY,
    first_event INTEGER NOT NULL,
    last_event  INTEGER NOT NULL,
    first_time  INTEGER,
    last_time   INTEGER
) STRICT;
CREATE TABLE zone_value (
    column_name TEXT NOT NULL,
    value       INTEGER NOT NULL,
    zone_id     INTEGER NOT NULL REFERENCES zone (id),
    PRIMARY KEY (column_name, value, zone_id)
) STRICT, WITHOUT ROWID;

-- Records that are no events: unrecognised ones, digest files, snapshots.
CREATE TABLE other_record (
    id          INTEGER PRIMARY KEY,
    evidence_id INTEGER NOT NULL REFERENCES evidence (id),
    start       INTEGER NOT NULL,
    length      INTEGER NOT NULL,
    part        INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    source      TEXT,
    reason      TEXT NOT NULL
) STRICT;
CREATE INDEX other_record_by_place ON other_record (evidence_id, start);

-- How many records (and events of them) each content has of each disposition; kept with every change of the above.
CREATE TABLE tally (
    evidence_id INTEGER NOT NULL REFERENCES evidence (id),
    disposition TEXT NOT NULL,
    records     INTEGER NOT NULL,
    events      INTEGER NOT NULL,
    PRIMARY KEY (evidence_id, disposition)
) STRICT, WITHOUT ROWID;

-- 3. Record: the journal, only ever appended to ------------------------------------------------------------------

CREATE TABLE journal (
    seq   INTEGER PRIMARY KEY,
    entry BLOB NOT NULL
) STRICT;

-- These triggers guard against accident, not against intent: whoever can write the file can drop them.
CREATE TRIGGER journal_is_appended BEFORE INSERT ON journal
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER journal_is_not_edited BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'a journal entry is never edited'); END;
CREATE TRIGGER journal_is_not_deleted BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'a journal entry is never deleted'); END;
CREATE TRIGGER delivered_file_is_not_edited BEFORE UPDATE ON delivered_file WHEN OLD.state = 'complete'
BEGIN SELECT RAISE(ABORT, 'acknowledged evidence is never edited'); END;
CREATE TRIGGER delivered_file_is_not_deleted BEFORE DELETE ON delivered_file WHEN OLD.state = 'complete'
BEGIN SELECT RAISE(ABORT, 'acknowledged evidence is never deleted'); END;
CREATE TRIGGER evidence_is_not_edited BEFORE UPDATE ON evidence
WHEN (SELECT state FROM delivered_file WHERE id = OLD.file_id) = 'complete'
BEGIN SELECT RAISE(ABORT, 'acknowledged evidence is never edited'); END;
CREATE TRIGGER evidence_is_not_deleted BEFORE DELETE ON evidence
WHEN (SELECT state FROM delivered_file WHERE id = OLD.file_id) = 'complete'
BEGIN SELECT RAISE(ABORT, 'acknowledged evidence is never deleted'); END;
CREATE TRIGGER block_is_not_edited BEFORE UPDATE ON block
BEGIN SELECT RAISE(ABORT, 'original bytes are never edited'); END;
CREATE TRIGGER block_is_not_deleted BEFORE DELETE ON block
WHEN (SELECT f.state FROM evidence e JOIN delivered_file f ON f.id = e.file_id WHERE e.id = OLD.evidence_id) = 'complete'
BEGIN SELECT RAISE(ABORT, 'acknowledged evidence is never deleted'); END;

-- Views for people -----------------------------------------------------------------------------------------------

CREATE VIEW v_case AS SELECT key, value FROM case_info;

CREATE VIEW v_evidence AS
SELECT e.id, f.name || iif(e.member = '', '', '!' || e.member) AS name, f.sha256 AS delivered_sha256, f.size AS delivered_size,
       e.content_sha256, e.size, e.container, c.shape, c.encoding, c.sources,
       strftime('%Y-%m-%dT%H:%M:%SZ', f.added_at / 1000000, 'unixepoch') AS added_at,
       a.custodian, a.acquired_at, a.acquired_by, a.how, a.note,
       c.record_bytes, c.structure_bytes, c.rejected_bytes, c.records, f.damage, c.warnings
FROM evidence e JOIN content_account c ON c.evidence_id = e.id JOIN delivered_file f ON f.id = e.file_id JOIN acquisition a ON a.id = f.acquisition_id
WHERE f.state = 'complete';

CREATE VIEW v_event AS
SELECT e.id, c.content_sha256 || ':' || e.start || '+' || e.length || iif(e.part, '#' || e.part, '') AS ref,
       CASE e.disposition WHEN 0 THEN 'primary' WHEN 1 THEN 'conflict' WHEN 2 THEN 'duplicate' WHEN 3 THEN 'continuation'
                           ELSE 'withdrawn' END AS disposition,
       strftime('%Y-%m-%dT%H:%M:%S', e.time / 1000000, 'unixepoch')
         || iif(n."precision" = 's' OR e.time IS NULL, '', '.' || substr('000000' || (e.time % 1000000), -6)) || 'Z' AS time,
       e.time_raw, n."precision", n.basis AS time_basis,
       r.source, act.service, act.action, act.verb, act.verb_rule, act.tampers_logging, act.category,
       i.canonical AS identity, i.name AS identity_name, k.kind AS identity_kind, k.reason AS identity_reason,
       cr.native_id AS credential, ad.raw AS address, ua.raw AS user_agent,
       o.status AS outcome, o.code AS error, p.account, p.region, p.tenant,
       (SELECT group_concat(x.name, ' ') FROM json_each('[' || replace(rs.members, ' ', ',') || ']') AS m
         JOIN resource x ON x.id = m.value) AS resources,
       (SELECT group_concat(x.type || ' ' || x.native_id, char(10)) FROM json_each('[' || replace(ks.members, ' ', ',') || ']') AS m
         JOIN credential x ON x.id = m.value) AS keys_used,
       (SELECT group_concat(x.type || ' ' || x.native_id, char(10)) FROM issued_credential y JOIN credential x ON x.id = y.credential_id
         WHERE y.event_id = e.id) AS issued,
       b.canonical AS on_behalf_of, q.device, q.changes, q.withheld,
       CASE WHEN typeof(e.native_id) = 'blob' AND length(e.native_id) = 16
              THEN lower(substr(hex(e.native_id), 1, 8) || '-' || substr(hex(e.native_id), 9, 4) || '-' || substr(hex(e.native_id), 13, 4)
                   || '-' || substr(hex(e.native_id), 17, 4) || '-' || substr(hex(e.native_id), 21))
            WHEN typeof(e.native_id) = 'blob' THEN lower(substr(hex(e.native_id), 3))
            ELSE e.native_id END AS native_id,
       f.name || iif(c.member = '', '', '!' || c.member) AS evidence, e.start, e.length, r.reader_version, r.wrapper, w.warnings
FROM event e
JOIN evidence c ON c.id = e.evidence_id JOIN delivered_file f ON f.id = c.file_id AND f.state = 'complete'
JOIN time_note n ON n.id = e.time_note_id JOIN act ON act.id = e.act_id JOIN kind_reason k ON k.id = e.kind_id
JOIN outcome o ON o.id = e.outcome_id JOIN place p ON p.id = e.place_id JOIN reading r ON r.id = e.reading_id
LEFT JOIN identity i ON i.id = e.identity_id LEFT JOIN credential cr ON cr.id = e.credential_id
LEFT JOIN address ad ON ad.id = e.address_id LEFT JOIN user_agent ua ON ua.id = e.user_agent_id
LEFT JOIN resource_set rs ON rs.id = e.resource_set_id LEFT JOIN warning_set w ON w.id = e.warning_set_id
LEFT JOIN key_set ks ON ks.id = e.key_set_id LEFT JOIN particulars q ON q.event_id = e.id LEFT JOIN identity b ON b.id = q.on_behalf_of_id;

CREATE VIEW v_journal AS
SELECT seq, json_extract(CAST(entry AS TEXT), '$.time') AS time, json_extract(CAST(entry AS TEXT), '$.actor') AS actor,
       json_extract(CAST(entry AS TEXT), '$.kind') AS kind, json_extract(CAST(entry AS TEXT), '$.body') AS body
FROM journal;
