-- Decisions on retraining, whole in `body`; an occasion of a model is decided once. `occasion`: NULL where somebody asked.
CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    cause TEXT NOT NULL,
    occasion TEXT,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_occasion ON decision (model, occasion) WHERE occasion IS NOT NULL;
CREATE INDEX decision_page ON decision (model, id);
CREATE INDEX decision_cause ON decision (model, cause, id);
CREATE INDEX decision_at ON decision (at);

-- Runs that were decided: a key is run once. `revision` goes up with every change.
CREATE TABLE run (
    key TEXT PRIMARY KEY,
    decision INTEGER NOT NULL UNIQUE,
    model TEXT NOT NULL,
    state TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX run_model ON run (model, decision);

-- Versions that pipelines reported.
CREATE TABLE trained_version (
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (model, version)
) STRICT;

-- What of the calendar was done.
CREATE TABLE maintenance (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL,
    task TEXT NOT NULL,
    period TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX maintenance_task ON maintenance (model, task, period, at);

-- Since when a model is planned for, by its own present.
CREATE TABLE planned_since (
    model TEXT PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;
