-- What people say of the evidence: tags, findings, notes, custody, and which evidence they withdrew. All of it is a projection of
-- the journal, for looking up; it may be thrown away and rebuilt from it. Nothing is edited: superseding keeps both versions.

-- One version of something. entry: SHA-256 of the journal entry's bytes. kind: tag, finding, note, custody. body: JSON.
-- missing: events of a standing tag that are not in the derived layer. A version stands while superseded_by is NULL.
CREATE TABLE claim (
    entry         TEXT PRIMARY KEY NOT NULL,
    seq           INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    id            TEXT NOT NULL,
    version       INTEGER NOT NULL,
    time          TEXT NOT NULL,
    author        TEXT NOT NULL,
    supersedes    TEXT,
    superseded_by TEXT,
    retracted     TEXT,
    missing       INTEGER NOT NULL,
    body          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_by_id ON claim (id, version);
CREATE INDEX claim_standing ON claim (kind, seq) WHERE superseded_by IS NULL;

-- What a second person said of a version.
CREATE TABLE claim_review (
    entry TEXT PRIMARY KEY NOT NULL,
    seq   INTEGER NOT NULL,
    claim TEXT NOT NULL,
    body  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_review_by_claim ON claim_review (claim, seq);

-- Which events the standing tags cover.
CREATE TABLE tagged_event (
    event_id INTEGER NOT NULL REFERENCES event (id),
    claim    TEXT NOT NULL,
    grade    TEXT NOT NULL,
    PRIMARY KEY (event_id, claim)
) STRICT, WITHOUT ROWID;
CREATE INDEX tagged_event_by_claim ON tagged_event (claim);

-- Contents that somebody withdrew from the derived layer; their bytes stay, and their events with disposition 4.
CREATE TABLE withdrawn (
    evidence_id INTEGER PRIMARY KEY REFERENCES evidence (id),
    entry       TEXT NOT NULL
) STRICT;

-- How far the projection has come: the last journal entry it has seen.
CREATE TABLE projected (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    through INTEGER NOT NULL
) STRICT;

CREATE VIEW v_tag AS
SELECT id, version, json_extract(body, '$.grade') AS grade, json_extract(body, '$.subject') AS subject,
       json_extract(body, '$.level') AS level, json_extract(body, '$.reason') AS reason, json_extract(body, '$.scope.events') AS events,
       time, author, superseded_by IS NULL AS stands, seq
FROM claim WHERE kind = 'tag' ORDER BY seq;

CREATE VIEW v_note AS
SELECT id, version, time AS written_at, json_extract(body, '$.refers_to') AS refers_to, author, json_extract(body, '$.text') AS text,
       superseded_by IS NULL AS stands, seq
FROM claim WHERE kind = 'note' ORDER BY seq;
