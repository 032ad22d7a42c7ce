-- What was counted of KPIs: a row for each stream, segment and pane of a commit; folded to one.
CREATE TABLE kpi_delta (
    id INTEGER PRIMARY KEY,
    -- '' where the KPI is of no use case or no model
    use_case TEXT NOT NULL,
    model TEXT NOT NULL,
    name TEXT NOT NULL,
    segment TEXT NOT NULL,
    pane_start INTEGER NOT NULL,
    -- what is counted
    kind TEXT NOT NULL,
    -- the largest time of its samples
    newest INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX kpi_delta_by_key ON kpi_delta (use_case, model, name, segment, pane_start, kind);
CREATE INDEX kpi_delta_by_start ON kpi_delta (pane_start);

-- How far KPIs are judged: one row.
CREATE TABLE kpi_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;
