-- A run of another program has what that program tells of it, and what it states is kept apart from what is measured here.
ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'own';
-- What trained an imported run, such as "PyTorch 2.6".
ALTER TABLE runs ADD COLUMN program TEXT;
ALTER TABLE runs ALTER COLUMN model DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN config DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN dataset_name DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN dataset_fingerprint DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN seed DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN requested_device DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN threads DROP NOT NULL;
ALTER TABLE runs ALTER COLUMN code_version DROP NOT NULL;

-- Names are those of the other program. A value is NULL where the metric is not a number.
CREATE TABLE stated_metrics (
  run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  value REAL,
  PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
