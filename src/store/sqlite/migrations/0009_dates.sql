-- A day of a KPI is stored by its date, as that date's midnight in UTC ('day'), not by the instant it began at in the zone of
-- then ('hour'). What was stored before has instants, which lie in their day as long as the zone is the same.
ALTER TABLE kpi_delta ADD COLUMN pane_unit TEXT NOT NULL DEFAULT 'hour';

DROP INDEX kpi_delta_by_key;
CREATE INDEX kpi_delta_by_key ON kpi_delta (use_case, model, name, segment, pane_unit, pane_start, kind);
