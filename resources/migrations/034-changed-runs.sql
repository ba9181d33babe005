-- Which runs have changed, in the order of the changes: marked by whatever changes a row that the table of runs reads, in its own
-- transaction, so that a process reads anew those runs alone. A mark that is made again has another id; one of a run that
-- was deleted stays.
CREATE TABLE changed_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run TEXT NOT NULL
) STRICT;
CREATE INDEX changed_runs_run ON changed_runs (run);

-- A conflict clause of their own would give way to that of the statement that they follow.

CREATE TRIGGER changed_run_new AFTER INSERT ON runs
BEGIN
  DELETE FROM changed_runs WHERE run = new.id;
  INSERT INTO changed_runs (run) VALUES (new.id);
END;

CREATE TRIGGER changed_run_changed AFTER UPDATE ON runs
BEGIN
  DELETE FROM changed_runs WHERE run = new.id;
  INSERT INTO changed_runs (run) VALUES (new.id);
END;

CREATE TRIGGER changed_run_gone AFTER DELETE ON runs
BEGIN
  DELETE FROM changed_runs WHERE run = old.id;
  INSERT INTO changed_runs (run) VALUES (old.id);
END;

CREATE TRIGGER changed_tag_new AFTER INSERT ON run_tags
BEGIN
  DELETE FROM changed_runs WHERE run = new.run;
  INSERT INTO changed_runs (run) VALUES (new.run);
END;

CREATE TRIGGER changed_tag_gone AFTER DELETE ON run_tags
BEGIN
  DELETE FROM changed_runs WHERE run = old.run;
  INSERT INTO changed_runs (run) VALUES (old.run);
END;

CREATE TRIGGER changed_cell_new AFTER INSERT ON study_runs
BEGIN
  DELETE FROM changed_runs WHERE run = new.run;
  INSERT INTO changed_runs (run) VALUES (new.run);
END;

CREATE TRIGGER changed_cell_changed AFTER UPDATE ON study_runs
BEGIN
  DELETE FROM changed_runs WHERE run IN (old.run, new.run);
  INSERT INTO changed_runs (run) VALUES (old.run), (new.run);
END;

CREATE TRIGGER changed_cell_gone AFTER DELETE ON study_runs
BEGIN
  DELETE FROM changed_runs WHERE run = old.run;
  INSERT INTO changed_runs (run) VALUES (old.run);
END;

CREATE TRIGGER changed_metric_new AFTER INSERT ON run_metrics
BEGIN
  DELETE FROM changed_runs WHERE run = new.run;
  INSERT INTO changed_runs (run) VALUES (new.run);
END;

CREATE TRIGGER changed_metric_changed AFTER UPDATE ON run_metrics
BEGIN
  DELETE FROM changed_runs WHERE run = new.run;
  INSERT INTO changed_runs (run) VALUES (new.run);
END;

CREATE TRIGGER changed_metric_gone AFTER DELETE ON run_metrics
BEGIN
  DELETE FROM changed_runs WHERE run = old.run;
  INSERT INTO changed_runs (run) VALUES (old.run);
END;

CREATE TRIGGER changed_study AFTER UPDATE OF spec, deleted_at ON studies
BEGIN
  DELETE FROM changed_runs WHERE run IN (SELECT run FROM study_runs WHERE study = new.id);
  INSERT INTO changed_runs (run) SELECT run FROM study_runs WHERE study = new.id;
END;

CREATE TRIGGER changed_project AFTER UPDATE OF name, deleted_at ON projects
BEGIN
  DELETE FROM changed_runs WHERE run IN (SELECT id FROM runs WHERE project = new.id);
  INSERT INTO changed_runs (run) SELECT id FROM runs WHERE project = new.id;
END;
