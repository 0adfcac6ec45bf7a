-- What events add up to: sessions, links, identities and credentials. Derived from the whole case by a second pass; may be
-- thrown away and rebuilt. Ids (S-, L-, I-, C-, M-) are hashes of native identifiers and survive a rebuild; row numbers do not.

-- Events that agree in who presented what, from where. Kept so that new evidence adds to them instead of all being read again.
CREATE TABLE trail (
    id            INTEGER PRIMARY KEY,
    identity_id   INTEGER REFERENCES identity (id),
    kind_id       INTEGER NOT NULL REFERENCES kind_reason (id),
    credential_id INTEGER REFERENCES credential (id),
    key_set_id    INTEGER REFERENCES key_set (id),
    address_id    INTEGER REFERENCES address (id),
    user_agent_id INTEGER REFERENCES user_agent (id),
    place_id      INTEGER NOT NULL REFERENCES place (id),
    reading_id    INTEGER NOT NULL REFERENCES reading (id)
) STRICT;
CREATE INDEX trail_by_parts ON trail
    (credential_id, identity_id, address_id, user_agent_id, key_set_id, kind_id, place_id, reading_id);

-- Stretches of a trail without a long silence. first is NULL for the events without a time. verbs: a JSON object of counts.
CREATE TABLE trail_run (
    trail_id    INTEGER NOT NULL REFERENCES trail (id),
    first       INTEGER,
    last        INTEGER,
    events      INTEGER NOT NULL,
    first_event INTEGER NOT NULL,
    last_event  INTEGER NOT NULL,
    verbs       TEXT NOT NULL
) STRICT;

-- Events that rules look at one by one.
CREATE TABLE notable (
    event_id INTEGER PRIMARY KEY REFERENCES event (id),
    trail_id INTEGER NOT NULL REFERENCES trail (id)
) STRICT;

-- Calls that services made with a principal's rights, and which calls can have caused each: a JSON array of
-- [event, trail, time]. session_id and by_key say where the call belongs.
CREATE TABLE forwarded_call (
    event_id   INTEGER PRIMARY KEY REFERENCES event (id),
    trail_id   INTEGER NOT NULL REFERENCES trail (id),
    time       INTEGER NOT NULL,
    causes     TEXT NOT NULL,
    session_id TEXT
) STRICT;
CREATE INDEX forwarded_call_by_time ON forwarded_call (time);
CREATE INDEX forwarded_call_by_session ON forwarded_call (session_id);

-- body: the whole value as JSON; the other columns repeat what lists are ordered and searched by.
CREATE TABLE session (
    id         TEXT PRIMARY KEY NOT NULL,
    parent     TEXT,
    start      INTEGER,
    "end"      INTEGER,
    events     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    strength   TEXT NOT NULL,
    identity   TEXT,
    method     TEXT NOT NULL,
    anchor     TEXT,
    body       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_parent ON session (parent, start);
CREATE INDEX session_by_start ON session (start);

-- Which stretch of which trail belongs to which session.
CREATE TABLE trail_session (
    trail_id   INTEGER NOT NULL REFERENCES trail (id),
    first      INTEGER,
    last       INTEGER,
    session_id TEXT NOT NULL
) STRICT;
CREATE INDEX trail_session_by_trail ON trail_session (trail_id);
CREATE INDEX trail_session_by_session ON trail_session (session_id);

-- Events that opened a session and belong to none.
CREATE TABLE session_opener (
    event_id   INTEGER PRIMARY KEY REFERENCES event (id),
    session_id TEXT NOT NULL
) STRICT;
CREATE INDEX session_opener_by_session ON session_opener (session_id);

-- source_node and target_node: the session that an end is or belongs to, else the id of the end itself.
CREATE TABLE link (
    id          TEXT PRIMARY KEY NOT NULL,
    rule        TEXT NOT NULL,
    relation    TEXT NOT NULL,
    strength    TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_node TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_node TEXT NOT NULL,
    body        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_source ON link (source_node);
CREATE INDEX link_by_target ON link (target_node);

-- The events that links cite or end in.
CREATE TABLE link_event (
    event_id INTEGER NOT NULL REFERENCES event (id),
    link_id  TEXT NOT NULL,
    PRIMARY KEY (event_id, link_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE known_identity (
    id        TEXT PRIMARY KEY NOT NULL,
    canonical TEXT NOT NULL,
    kind      TEXT NOT NULL,
    events    INTEGER NOT NULL,
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE identity_match (
    id    TEXT PRIMARY KEY NOT NULL,
    one   TEXT NOT NULL,
    other TEXT NOT NULL,
    score INTEGER NOT NULL,
    body  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE known_credential (
    id        TEXT PRIMARY KEY NOT NULL,
    type      TEXT NOT NULL,
    native_id TEXT NOT NULL,
    events    INTEGER NOT NULL,
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX known_credential_by_native_id ON known_credential (native_id COLLATE NOCASE);

-- How far the second pass has come: the last event it saw, the sums by which a change of earlier events shows, its version.
CREATE TABLE derived_state (
    key   TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW v_session AS
SELECT id, parent, method, anchor, identity, kind, strength, events,
       strftime('%Y-%m-%dT%H:%M:%SZ', start / 1000000, 'unixepoch') AS start,
       strftime('%Y-%m-%dT%H:%M:%SZ', "end" / 1000000, 'unixepoch') AS "end", body
FROM session;

CREATE VIEW v_link AS
SELECT id, rule, relation, strength, source_kind, source_node, target_kind, target_node, body FROM link;
