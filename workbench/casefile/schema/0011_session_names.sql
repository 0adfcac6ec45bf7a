-- The name of a session's principal as lists print it (ROLE/SESSION-NAME), which is what people look for. The table is derived:
-- what stood in it is made anew.
DROP TABLE session;
CREATE TABLE session (
    id         TEXT PRIMARY KEY NOT NULL,
    parent     TEXT,
    start      INTEGER,
    "end"      INTEGER,
    events     INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    strength   TEXT NOT NULL,
    identity   TEXT,
    name       TEXT,
    method     TEXT NOT NULL,
    anchor     TEXT,
    body       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_parent ON session (parent, start);
CREATE INDEX session_by_start ON session (start);
