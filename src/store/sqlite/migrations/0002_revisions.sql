-- Of a window only the first verdict and the last revision are kept; verdicts are found by the length of their window.
DROP INDEX verdict_model;
CREATE INDEX verdict_window ON verdict (model, window_end - window_start, window_end, revision);
DELETE FROM verdict WHERE revision > 0 AND EXISTS (
    SELECT 1 FROM verdict AS later WHERE later.model = verdict.model
    AND later.window_end - later.window_start = verdict.window_end - verdict.window_start
    AND later.window_end = verdict.window_end AND later.revision > verdict.revision
);
