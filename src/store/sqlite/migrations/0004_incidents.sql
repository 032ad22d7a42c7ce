-- Incidents as they are, whole in `body`. AUTOINCREMENT: an id is not given out twice, even where its row expired.
CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    -- NULL: it is not resolved.
    resolved_at INTEGER,
    -- 1: a regulatory deadline of it is not met.
    deadline_unmet INTEGER NOT NULL,
    -- Lines of its timeline.
    entries INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX incident_unresolved ON incident (key) WHERE resolved_at IS NULL;
CREATE INDEX incident_resolved ON incident (resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX incident_deadline ON incident (id) WHERE deadline_unmet = 1;
-- All that pages are filtered by, in their order: bodies are read of what is shown alone.
CREATE INDEX incident_page ON incident (id, state, kind, severity, model);

CREATE TABLE incident_entry (
    incident INTEGER NOT NULL,
    number INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT;

-- Notifications, whole in `body`, and what became of them. The columns' rules are in sqlite/outbox/mod.rs.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receiver TEXT NOT NULL,
    incident INTEGER NOT NULL,
    grouping TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    ready_at INTEGER,
    turn INTEGER NOT NULL,
    urgent INTEGER NOT NULL,
    message INTEGER NOT NULL,
    sealed INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT,
    settled_at INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_claimable ON outbox (receiver, urgent, ready_at) WHERE turn = 1;
CREATE INDEX outbox_joinable ON outbox (receiver, grouping, urgent, ready_at) WHERE turn = 1 AND sealed = 0;
CREATE INDEX outbox_order ON outbox (receiver, incident, id) WHERE ready_at IS NOT NULL;
CREATE INDEX outbox_due ON outbox (due_at) WHERE ready_at IS NOT NULL;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX outbox_message ON outbox (message);
CREATE INDEX outbox_state ON outbox (state);
CREATE INDEX outbox_receiver ON outbox (receiver);
CREATE INDEX outbox_incident ON outbox (incident, receiver);

CREATE TABLE silence (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ends_at INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX silence_end ON silence (ends_at);

CREATE TABLE receiver_disabled (
    receiver TEXT NOT NULL,
    target TEXT NOT NULL,
    at INTEGER NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (receiver, target)
) STRICT;
