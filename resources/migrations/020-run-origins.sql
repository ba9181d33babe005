-- Where a run of another tracker comes from, so that its files can be imported again: what is new is added, and nothing is doubled.
CREATE TABLE run_origins (
  run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
  -- "tensorboard", "mlflow", …
  tracker TEXT NOT NULL,
  -- That tracker's own id of it.
  id TEXT NOT NULL,
  path TEXT NOT NULL,
  -- As JSON: bytes read, by file.
  cursor TEXT NOT NULL,
  -- As JSON: what its metrics were called, and what they are kept as.
  names TEXT NOT NULL,
  UNIQUE (tracker, id)
) STRICT, WITHOUT ROWID;
