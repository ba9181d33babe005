-- What the window adds: notes of the user's own, the queue, settings, and what the machine did while a run trained.
ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN starred INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
-- Set while a deletion can still be undone.
ALTER TABLE runs ADD COLUMN deleted_at INTEGER;
CREATE INDEX runs_deleted ON runs (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE run_tags (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  tag TEXT NOT NULL,
  PRIMARY KEY (run, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_tags_tag ON run_tags (tag);
CREATE INDEX run_metrics_name ON run_metrics (name, run, value);

-- Runs that wait for a device, the lowest position first. A held one waits until it is released.
CREATE TABLE queue (
  run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  held INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What only one process of all that have the home open may do; identified as in `leases`.
CREATE TABLE locks (
  name TEXT PRIMARY KEY,
  pid INTEGER NOT NULL,
  space TEXT NOT NULL,
  start_time TEXT NOT NULL,
  heartbeat INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- cpu: percent of one core; memory in bytes, of the trainer. gpu: percent; gpu_memory in bytes, of the device.
CREATE TABLE system_samples (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  time INTEGER NOT NULL,
  cpu REAL,
  memory INTEGER,
  gpu REAL,
  gpu_memory INTEGER,
  PRIMARY KEY (run, time)
) STRICT, WITHOUT ROWID;
