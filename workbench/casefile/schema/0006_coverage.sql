-- What was received of each part of each log, and what the evidence cannot show. Derived from the whole case by the second pass;
-- may be thrown away and rebuilt. Ids of gaps (G-) are hashes of native identifiers and survive a rebuild.

-- A part of a log.
CREATE TABLE coverage_stream (
    id          INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,
    account     TEXT,
    region      TEXT,
    tenant      TEXT,
    category    TEXT,
    first       INTEGER,
    last        INTEGER,
    undated     INTEGER NOT NULL,
    unaddressed INTEGER NOT NULL
) STRICT;

-- How many records of it there are in each five minutes of an hour (microseconds UTC): a JSON array of twelve numbers.
CREATE TABLE coverage_hour (
    stream_id INTEGER NOT NULL REFERENCES coverage_stream (id),
    hour      INTEGER NOT NULL,
    slots     TEXT NOT NULL,
    PRIMARY KEY (stream_id, hour)
) STRICT, WITHOUT ROWID;

-- How many records of each act each part of a log holds.
CREATE TABLE coverage_act (
    stream_id INTEGER NOT NULL REFERENCES coverage_stream (id),
    act_id    INTEGER NOT NULL REFERENCES act (id),
    events    INTEGER NOT NULL,
    PRIMARY KEY (stream_id, act_id)
) STRICT, WITHOUT ROWID;

-- What records say about themselves (left out, odd), summed up: a JSON object each; and what the few records that rules look
-- into say: a JSON object by event.
CREATE TABLE coverage_mark (
    body TEXT NOT NULL
) STRICT;
CREATE TABLE coverage_note (
    event_id INTEGER NOT NULL REFERENCES event (id),
    body     TEXT NOT NULL
) STRICT;

-- body: the whole value as JSON; the other columns repeat what lists are ordered and searched by.
CREATE TABLE gap (
    id        TEXT PRIMARY KEY NOT NULL,
    kind      TEXT NOT NULL,
    source    TEXT NOT NULL,
    certainty TEXT NOT NULL,
    start     INTEGER,
    "end"     INTEGER,
    body      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The events that gaps cite.
CREATE TABLE gap_event (
    event_id INTEGER NOT NULL REFERENCES event (id),
    gap_id   TEXT NOT NULL,
    PRIMARY KEY (event_id, gap_id)
) STRICT, WITHOUT ROWID;

-- What digest files prove: one JSON object.
CREATE TABLE coverage_validation (
    body TEXT NOT NULL
) STRICT;

CREATE VIEW v_gap AS
SELECT id, kind, source, certainty, strftime('%Y-%m-%dT%H:%M:%SZ', start / 1000000, 'unixepoch') AS start,
       strftime('%Y-%m-%dT%H:%M:%SZ', "end" / 1000000, 'unixepoch') AS "end",
       json_extract(body, '$.scope.text') AS scope, json_extract(body, '$.effect') AS effect,
       json_extract(body, '$.request') AS request, body
FROM gap;
