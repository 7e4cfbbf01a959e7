-- The campus directory's own file, version 1.

-- Every person on campus has a number, whichever application knows them.
CREATE TABLE numbers (
    number    INTEGER PRIMARY KEY,
    email     TEXT NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0 CHECK (confirmed IN (0, 1))
) STRICT;

-- The dates of terms as the campus knows them. `term` is the institution's name and the term's.
CREATE TABLE calendar (
    term       TEXT PRIMARY KEY,
    start_date TEXT NOT NULL,
    end_date   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How often a catalogue was edited, so that nobody edits what another one has changed meanwhile.
CREATE TABLE revisions (
    catalogue TEXT PRIMARY KEY,
    revision  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
