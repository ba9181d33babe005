-- What is still to be written into files of the home, so that its database can be made again from them: marked by whatever
-- changes a row, in its own transaction. A mark that is made again has another id.
CREATE TABLE unwritten (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 'run': run.json of a run. 'kept': what the database alone has of a run without a journal. 'home': home.json.
  part TEXT NOT NULL,
  run TEXT REFERENCES runs (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX unwritten_run ON unwritten (part, run);

INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs ORDER BY id;
INSERT INTO unwritten (part, run) SELECT 'kept', id FROM runs
  WHERE (SELECT journal FROM attempts WHERE run = runs.id ORDER BY number LIMIT 1) IS NULL
    AND (EXISTS (SELECT 1 FROM series WHERE run = runs.id) OR EXISTS (SELECT 1 FROM ranks WHERE run = runs.id)
      OR EXISTS (SELECT 1 FROM logs WHERE run = runs.id))
  ORDER BY id;
INSERT INTO unwritten (part) VALUES ('home');

-- A conflict clause of their own would give way to that of the statement that they follow.
CREATE TRIGGER unwritten_run_new AFTER INSERT ON runs
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.id;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.id;
END;

CREATE TRIGGER unwritten_run_changed AFTER UPDATE ON runs
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.id;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.id;
END;

CREATE TRIGGER unwritten_tag_new AFTER INSERT ON run_tags
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_tag_gone AFTER DELETE ON run_tags
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = old.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = old.run;
END;

CREATE TRIGGER unwritten_attempt_new AFTER INSERT ON attempts
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_attempt_changed AFTER UPDATE OF ended_at, outcome, processors ON attempts
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_cell_new AFTER INSERT ON study_runs
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_cell_changed AFTER UPDATE ON study_runs
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_figure_new AFTER INSERT ON stated_metrics
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_figure_changed AFTER UPDATE ON stated_metrics
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_origin_new AFTER INSERT ON run_origins
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_origin_changed AFTER UPDATE ON run_origins
BEGIN
  DELETE FROM unwritten WHERE part = 'run' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'run', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_points_new AFTER INSERT ON series_chunks
WHEN (SELECT journal FROM attempts WHERE run = (SELECT run FROM series WHERE id = new.series) ORDER BY number DESC LIMIT 1) IS NULL
BEGIN
  DELETE FROM unwritten WHERE part = 'kept' AND run = (SELECT run FROM series WHERE id = new.series);
  INSERT INTO unwritten (part, run) SELECT 'kept', id FROM runs WHERE id = (SELECT run FROM series WHERE id = new.series);
END;

CREATE TRIGGER unwritten_curve_changed AFTER UPDATE ON series
WHEN (SELECT journal FROM attempts WHERE run = new.run ORDER BY number DESC LIMIT 1) IS NULL
BEGIN
  DELETE FROM unwritten WHERE part = 'kept' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'kept', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_ranks_new AFTER INSERT ON ranks
WHEN (SELECT journal FROM attempts WHERE run = new.run ORDER BY number DESC LIMIT 1) IS NULL
BEGIN
  DELETE FROM unwritten WHERE part = 'kept' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'kept', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_line_new AFTER INSERT ON logs
WHEN (SELECT journal FROM attempts WHERE run = new.run ORDER BY number DESC LIMIT 1) IS NULL
BEGIN
  DELETE FROM unwritten WHERE part = 'kept' AND run = new.run;
  INSERT INTO unwritten (part, run) SELECT 'kept', id FROM runs WHERE id = new.run;
END;

CREATE TRIGGER unwritten_projects_insert AFTER INSERT ON projects
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_projects_update AFTER UPDATE ON projects
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_projects_delete AFTER DELETE ON projects
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_studies_insert AFTER INSERT ON studies
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_studies_update AFTER UPDATE ON studies
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_studies_delete AFTER DELETE ON studies
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_comparisons_insert AFTER INSERT ON comparisons
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_comparisons_update AFTER UPDATE ON comparisons
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_comparisons_delete AFTER DELETE ON comparisons
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_settings_insert AFTER INSERT ON settings
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_settings_update AFTER UPDATE ON settings
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_settings_delete AFTER DELETE ON settings
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_datasets_insert AFTER INSERT ON datasets
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_datasets_update AFTER UPDATE ON datasets
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_datasets_delete AFTER DELETE ON datasets
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;
