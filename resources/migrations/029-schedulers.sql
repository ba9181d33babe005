-- How jobs are submitted is called a job and no more slurm: other schedulers take them too. A host's scheduler has a kind.
ALTER TABLE runs RENAME COLUMN slurm TO job;

UPDATE studies SET spec = json_remove(json_set(spec, '$.job', json_extract(spec, '$.slurm')), '$.slurm')
WHERE json_type(spec, '$.slurm') IS NOT NULL;

UPDATE hosts SET report = json_remove(
  json_set(report, '$.facts.scheduler', json(iif(json_type(report, '$.facts.slurm') = 'object',
    json_set(json_extract(report, '$.facts.slurm'), '$.kind', 'slurm'), 'null'))),
  '$.facts.slurm')
WHERE json_type(report, '$.facts.slurm') IS NOT NULL;

-- What a line of a check would change. Within a text its quotes are escaped.
UPDATE hosts SET report = replace(report, '"slurm":{', '"job":{') WHERE report IS NOT NULL;
