-- Halves of outcomes in the order in which they were committed, to be joined. AUTOINCREMENT: a joiner's position never
-- stands for another row. `until`: the latest instant in the row.
CREATE TABLE half (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    model TEXT NOT NULL,
    until INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX half_model ON half (model);

-- How far each model's halves are joined. `sample_threshold`: 64 bits, unsigned, as they are. `newest`: the newest
-- prediction up to there. The last five: of the rows after `position` up to `through` the outcomes are counted up to
-- this key; NULL where all of a row's are.
CREATE TABLE join_state (
    model TEXT NOT NULL PRIMARY KEY,
    position INTEGER NOT NULL,
    sample_threshold INTEGER NOT NULL,
    newest INTEGER,
    through INTEGER,
    version TEXT,
    segment TEXT,
    pane_length INTEGER,
    pane_start INTEGER
) STRICT;
