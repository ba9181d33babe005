-- A run that evaluates a checkpoint of another, under a protocol of its own. What it evaluated outlives the other run.
ALTER TABLE runs ADD COLUMN evaluated_run TEXT REFERENCES runs (id) ON DELETE SET NULL;
-- JSON: name of that run, path, kind and epoch of the checkpoint, and the splits evaluated. NULL for a training.
ALTER TABLE runs ADD COLUMN evaluated_checkpoint TEXT;
CREATE INDEX runs_evaluated ON runs (evaluated_run) WHERE evaluated_run IS NOT NULL;
