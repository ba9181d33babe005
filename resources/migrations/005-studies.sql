-- Scaling studies: grids of runs over the size of a model and the share of the data, everything else fixed.
CREATE TABLE studies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_at INTEGER NOT NULL,
  spec TEXT NOT NULL
) STRICT;

-- size: place in the study's list of sizes. A cell whose run was deleted is empty and can be filled again.
CREATE TABLE study_runs (
  study TEXT NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
  size INTEGER NOT NULL,
  share REAL NOT NULL,
  seed INTEGER NOT NULL,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  PRIMARY KEY (study, size, share, seed)
) STRICT, WITHOUT ROWID;
CREATE INDEX study_runs_run ON study_runs (run);
