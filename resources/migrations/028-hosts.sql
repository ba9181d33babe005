-- Other machines on which runs are trained. They were JSON among the settings, written whole at every change.
CREATE TABLE hosts (
  -- Of the user's ssh config.
  name TEXT PRIMARY KEY,
  -- Tessera's folder there; NULL for the usual one.
  folder TEXT,
  -- How jobs are submitted there, and what the last check found, as JSON.
  job TEXT NOT NULL,
  report TEXT
) STRICT, WITHOUT ROWID;

-- Trainings that are still to be ended on their host, where their folders are removed then.
CREATE TABLE host_endings (
  host TEXT NOT NULL,
  -- Tessera's folder there when the training began.
  folder TEXT,
  -- Of the training's own folder.
  name TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (host, name)
) STRICT, WITHOUT ROWID;

-- Tessera's folder on its host when the attempt began: its training lies there, wherever the next one will.
ALTER TABLE attempts ADD COLUMN host_folder TEXT;

-- What cannot be read was no host before either.
INSERT OR IGNORE INTO hosts (name, folder, job, report)
SELECT json_extract(host.value, '$.name'), json_extract(host.value, '$.folder'),
  iif(json_type(host.value, '$.slurm') = 'object', json_extract(host.value, '$.slurm'), '{}'),
  iif(json_type(host.value, '$.report') = 'object', json_extract(host.value, '$.report'), NULL)
FROM settings, json_each(iif(json_valid(settings.value), settings.value, '[]')) AS host
WHERE settings.key = 'hosts' AND host.type = 'object';

INSERT OR IGNORE INTO host_endings (host, folder, name, since)
SELECT host.key, (SELECT folder FROM hosts WHERE hosts.name = host.key), training.value, unixepoch() * 1000
FROM settings, json_each(iif(json_valid(settings.value), settings.value, '{}')) AS host,
  json_each(iif(host.type = 'array', host.value, '[]')) AS training
WHERE settings.key = 'hosts.left';

UPDATE attempts SET host_folder = (SELECT folder FROM hosts WHERE hosts.name = attempts.place) WHERE place IS NOT NULL;

DELETE FROM settings WHERE key IN ('hosts', 'hosts.left');
