-- Times are Unix milliseconds unless a column says otherwise; blobs are little-endian typed arrays.
PRAGMA application_id = 0x54657373;

CREATE TABLE datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  created_at TEXT NOT NULL,
  users INTEGER NOT NULL,
  items INTEGER NOT NULL,
  interactions INTEGER NOT NULL,
  summary TEXT NOT NULL
) STRICT;

-- The data set's name and fingerprint outlive the data set, so a run can always say what it was trained on.
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  model TEXT NOT NULL,
  config TEXT NOT NULL,
  dataset_id TEXT REFERENCES datasets (id) ON DELETE SET NULL,
  dataset_name TEXT NOT NULL,
  dataset_fingerprint TEXT NOT NULL,
  seed INTEGER NOT NULL,
  requested_device TEXT NOT NULL,
  threads INTEGER NOT NULL,
  device TEXT,
  device_reason TEXT,
  parameters INTEGER,
  code_version TEXT NOT NULL,
  environment TEXT,
  status TEXT NOT NULL,
  message TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  epochs INTEGER,
  selected_epoch INTEGER,
  seconds REAL,
  protocol TEXT,
  protocol_fingerprint TEXT
) STRICT;
CREATE INDEX runs_name ON runs (name);
CREATE INDEX runs_dataset ON runs (dataset_id);
CREATE INDEX runs_status ON runs (status);

-- A value is NULL where the metric is not a number.
CREATE TABLE run_metrics (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  pid INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  from_step INTEGER NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;

-- Whose process hosts a running run. `space` says where the pid means anything (boot and pid namespace).
CREATE TABLE leases (
  run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  pid INTEGER NOT NULL,
  space TEXT NOT NULL,
  start_time TEXT NOT NULL,
  heartbeat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  metric TEXT NOT NULL,
  UNIQUE (run, metric)
) STRICT;

-- Summaries stand apart from the points so that a chart of the whole series reads only them.
-- min_* and max_* are NULL where no value of the chunk is a number.
CREATE TABLE series_chunks (
  series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  first_step INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  count INTEGER NOT NULL,
  min_step INTEGER, min_epoch REAL, min_time REAL, min_value REAL,
  max_step INTEGER, max_epoch REAL, max_time REAL, max_value REAL,
  last_epoch REAL, last_time REAL, last_value REAL,
  PRIMARY KEY (series, first_step)
) STRICT, WITHOUT ROWID;

-- float64 [4, count]: steps, epochs, times, values.
CREATE TABLE series_points (
  series INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  points BLOB NOT NULL,
  PRIMARY KEY (series, first_step),
  FOREIGN KEY (series, first_step) REFERENCES series_chunks (series, first_step) ON DELETE CASCADE
) STRICT;

-- int32 arrays, one entry a user; top_items is [users, top_k].
CREATE TABLE ranks (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  split TEXT NOT NULL,
  candidates INTEGER NOT NULL,
  top_k INTEGER NOT NULL,
  users BLOB NOT NULL,
  targets BLOB NOT NULL,
  ranks BLOB NOT NULL,
  history_lengths BLOB NOT NULL,
  top_items BLOB NOT NULL,
  PRIMARY KEY (run, split)
) STRICT;

CREATE TABLE checkpoints (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (run, path)
) STRICT;

CREATE TABLE logs (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  time INTEGER NOT NULL,
  level TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX logs_run ON logs (run, id);
