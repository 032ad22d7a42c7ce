-- Names and values of the store itself: the writer's id, how far `newest` has been written.
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
INSERT INTO meta VALUES ('writer', lower(hex(randomblob(8)))), ('newest_through', '0');

-- One row a commit of ingest, numbered without gaps. `body`: see commit_row.rs.
CREATE TABLE commit_log (
    seq INTEGER PRIMARY KEY,
    writer TEXT NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- The largest event time by source, through commit meta.newest_through; later ones are in commit_log.
CREATE TABLE newest (
    model TEXT NOT NULL,
    source TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, source)
) STRICT;

CREATE TABLE source_position (source TEXT NOT NULL PRIMARY KEY, position INTEGER NOT NULL) STRICT;

-- Counts. `seq` is the commit that brought the row, NULL where rows were folded into it.
CREATE TABLE delta (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    segment TEXT NOT NULL,
    pane_length INTEGER NOT NULL,
    pane_start INTEGER NOT NULL,
    ruler BLOB NOT NULL,
    seq INTEGER,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX delta_key ON delta (model, pane_start, pane_length, version, segment, ruler);

-- What is being learnt, apart from the counts: values never share pages with rows that are folded.
CREATE TABLE learning (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    segment TEXT NOT NULL,
    pane_length INTEGER NOT NULL,
    pane_start INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX learning_pane ON learning (model, pane_start);

CREATE TABLE reference (
    model TEXT NOT NULL PRIMARY KEY,
    ruler BLOB NOT NULL,
    profile TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE evaluation_state (
    model TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

CREATE TABLE verdict (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    window_start INTEGER NOT NULL,
    window_end INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    at INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;
CREATE INDEX verdict_model ON verdict (model);
CREATE INDEX verdict_at ON verdict (at);

CREATE TABLE control (model TEXT NOT NULL PRIMARY KEY, state BLOB NOT NULL) STRICT;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    model TEXT,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX audit_model ON audit (model);
