-- What a verdict is on: 'data', what came in, or 'outcomes', what became of it.
ALTER TABLE verdict ADD COLUMN subject TEXT NOT NULL DEFAULT 'data';
DROP INDEX verdict_window;
CREATE INDEX verdict_window ON verdict (model, subject, window_end - window_start, window_end, revision);
