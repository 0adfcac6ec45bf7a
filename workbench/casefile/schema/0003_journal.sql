-- What the journal's entries add up to, kept with every entry: whoever can write the file can make all of it anew, so it catches
-- accidents and naive edits only. What counts is a checkpoint outside the case file.

-- SHA-256(0x00 || entry): tells which entry was edited.
CREATE TABLE journal_leaf (
    seq  INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
) STRICT;

-- How many entries there are, and the roots of the complete subtrees of their Merkle tree, largest first, 32 bytes each.
CREATE TABLE journal_head (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    size  INTEGER NOT NULL,
    peaks BLOB NOT NULL
) STRICT;

-- Journals of copies of this case, taken over whole. The entry journal.merged at merged_at commits to their size and root.
CREATE TABLE merged_entry (
    merged_at INTEGER NOT NULL REFERENCES journal (seq),
    seq       INTEGER NOT NULL,
    entry     BLOB NOT NULL,
    PRIMARY KEY (merged_at, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER journal_leaf_is_appended BEFORE INSERT ON journal_leaf
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM journal_leaf)
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER journal_leaf_is_not_edited BEFORE UPDATE ON journal_leaf
BEGIN SELECT RAISE(ABORT, 'a journal entry is never edited'); END;
CREATE TRIGGER journal_leaf_is_not_deleted BEFORE DELETE ON journal_leaf
BEGIN SELECT RAISE(ABORT, 'a journal entry is never deleted'); END;
CREATE TRIGGER journal_head_grows BEFORE UPDATE ON journal_head
WHEN NEW.size IS NOT OLD.size + 1
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER journal_head_is_not_deleted BEFORE DELETE ON journal_head
BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END;
CREATE TRIGGER merged_entry_is_not_edited BEFORE UPDATE ON merged_entry
BEGIN SELECT RAISE(ABORT, 'a journal entry is never edited'); END;
CREATE TRIGGER merged_entry_is_not_deleted BEFORE DELETE ON merged_entry
BEGIN SELECT RAISE(ABORT, 'a journal entry is never deleted'); END;
