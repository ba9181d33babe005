-- What tells the data of a run apart (`dataKey`), also once its data set has been deleted; NULL where nobody knows: the same sequences
-- may have had other titles, ratings and times.
ALTER TABLE runs ADD COLUMN data TEXT;

-- No run changes for anybody by this: neither its file nor the table of runs has to be made anew.
DROP TRIGGER unwritten_run_changed;
DROP TRIGGER changed_run_changed;

WITH known AS MATERIALIZED (SELECT id, data_key(summary) AS data FROM datasets)
UPDATE runs SET data = known.data FROM known WHERE known.id = runs.dataset_id;

CREATE TRIGGER unwritten_run_changed AFTER UPDATE ON runs
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.id;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.id;
END;

CREATE TRIGGER changed_run_changed AFTER UPDATE ON runs
BEGIN
  DELETE FROM changed_runs WHERE run = new.id;
  INSERT INTO changed_runs (run) VALUES (new.id);
END;
