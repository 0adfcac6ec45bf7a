-- What events changed. Derived from the whole case after the sessions; may be thrown away and rebuilt.

-- A resource of which the case knows changes. id: R- and a hash of the other columns but title, its fullest name.
CREATE TABLE changed_resource (
    id      TEXT PRIMARY KEY NOT NULL,
    family  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    name    TEXT NOT NULL,
    account TEXT NOT NULL,
    region  TEXT NOT NULL,
    title   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What one record says was done to one field of one resource, and what follows for the state before from the whole case.
-- event_id: the event, or minus the row number of the snapshot's record (other_record).
-- stated_before, stated_after: JSON texts of the record; before: JSON text of what follows from other records.
CREATE TABLE change (
    event_id      INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    resource_id   TEXT NOT NULL REFERENCES changed_resource (id),
    field         TEXT NOT NULL,
    operation     TEXT NOT NULL,
    shape         TEXT NOT NULL,
    outcome       TEXT NOT NULL,
    time          INTEGER,
    stated_before TEXT,
    stated_after  TEXT,
    empty         INTEGER NOT NULL,
    remark        TEXT,
    before        TEXT,
    before_basis  TEXT NOT NULL,
    before_event  INTEGER,
    caveats       TEXT,
    PRIMARY KEY (event_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_by_resource ON change (resource_id, time);
CREATE INDEX change_by_time ON change (time, event_id);

CREATE VIEW v_change AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', c.time / 1000000, 'unixepoch') AS time, r.kind, r.title AS resource, r.account, c.field,
       c.operation, c.outcome, coalesce(c.stated_before, c.before) AS before, c.before_basis, c.stated_after AS after, c.caveats,
       c.event_id
FROM change c JOIN changed_resource r ON r.id = c.resource_id;
