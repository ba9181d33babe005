-- A config key has another name; in the place of the old one, so that configs of stored and of new runs stay equal.
UPDATE runs SET config = replace(config, '"leastEpochSteps":', '"minEpochSteps":')
WHERE json_extract(config, '$.leastEpochSteps') IS NOT NULL;
UPDATE studies SET spec = replace(spec, '"leastEpochSteps"', '"minEpochSteps"');
