-- How many rows each row of counts stands for, in the index too: they are summed at a start without reading a count.
ALTER TABLE delta ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
DROP INDEX delta_key;
CREATE INDEX delta_key ON delta (model, pane_start, pane_length, version, segment, ruler, rows);
