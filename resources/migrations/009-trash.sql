-- One trash: what is deleted waits in it with its files, and its name is free. `deleted_at` is since when.
CREATE TABLE new_datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  created_at TEXT NOT NULL,
  users INTEGER NOT NULL,
  items INTEGER NOT NULL,
  interactions INTEGER NOT NULL,
  summary TEXT NOT NULL,
  deleted_at INTEGER
) STRICT;
INSERT INTO new_datasets SELECT id, name, fingerprint, created_at, users, items, interactions, summary, NULL FROM datasets;
DROP TABLE datasets;
ALTER TABLE new_datasets RENAME TO datasets;
CREATE UNIQUE INDEX datasets_name ON datasets (name) WHERE deleted_at IS NULL;

CREATE TABLE new_studies (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  spec TEXT NOT NULL,
  deleted_at INTEGER
) STRICT;
INSERT INTO new_studies SELECT id, name, created_at, spec, NULL FROM studies;
DROP TABLE studies;
ALTER TABLE new_studies RENAME TO studies;
CREATE UNIQUE INDEX studies_name ON studies (name) WHERE deleted_at IS NULL;

-- Folders, by path inside the home, of what was deleted for good; a row goes with its folder.
CREATE TABLE deleted_folders (path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
