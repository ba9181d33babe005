-- Projects group runs. Saved comparisons, which are settings, name theirs by its id.
CREATE TABLE projects (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  -- Set while a deletion can still be undone.
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX projects_name ON projects (name) WHERE deleted_at IS NULL;
ALTER TABLE runs ADD COLUMN project TEXT REFERENCES projects (id) ON DELETE SET NULL;
CREATE INDEX runs_project ON runs (project) WHERE project IS NOT NULL;
