-- Saved comparisons are rows of their own: they were one list in a setting, which two windows overwrote for each other.
CREATE TABLE comparisons (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- What was concluded.
  notes TEXT NOT NULL DEFAULT '',
  -- Ids of the runs, a JSON list.
  runs TEXT NOT NULL,
  -- JSON: baseline (an id, null for none) and metrics, each only where chosen.
  look TEXT NOT NULL DEFAULT '{}',
  project TEXT REFERENCES projects (id) ON DELETE SET NULL,
  saved_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;
CREATE UNIQUE INDEX comparisons_name ON comparisons (name) WHERE deleted_at IS NULL;

INSERT INTO comparisons (id, name, notes, runs, look, project, saved_at)
SELECT
  lower(hex(randomblob(8))),
  name || iif(copy > 1, '-' || lower(hex(randomblob(4))), ''),
  notes,
  runs,
  look,
  (SELECT id FROM projects WHERE id = chosen),
  saved_at
FROM (
  SELECT
    json_extract(value, '$.name') AS name,
    row_number() OVER (PARTITION BY json_extract(value, '$.name') ORDER BY key) AS copy,
    coalesce(json_extract(value, '$.notes'), '') AS notes,
    json_extract(value, '$.runs') AS runs,
    json_remove(value, '$.name', '$.notes', '$.runs', '$.project', '$.savedAt') AS look,
    json_extract(value, '$.project') AS chosen,
    CAST(coalesce(json_extract(value, '$.savedAt'), 0) AS INTEGER) AS saved_at
  FROM json_each((
    SELECT value FROM settings
    WHERE key = 'view:compare:saved' AND json_valid(value) AND json_type(value) = 'array'
  ))
  WHERE type = 'object' AND json_type(value, '$.name') = 'text' AND json_type(value, '$.runs') = 'array'
);
DELETE FROM settings WHERE key = 'view:compare:saved';
