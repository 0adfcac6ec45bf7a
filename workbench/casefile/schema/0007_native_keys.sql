-- Which events have an id of their source in common is found by a short number made of each id. The first event with a number
-- stands in native_key; once another event has it, all of them stand in shared_native_key. Different ids can have one number.
-- An index over the ids themselves cost a third of the time of adding evidence.

DROP INDEX event_by_native_id;

CREATE TABLE native_key (
    key      INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id)
) STRICT;

CREATE TABLE shared_native_key (
    key         INTEGER NOT NULL,
    event_id    INTEGER NOT NULL REFERENCES event (id),
    evidence_id INTEGER NOT NULL REFERENCES evidence (id),
    PRIMARY KEY (key, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shared_native_key_by_evidence ON shared_native_key (evidence_id);
