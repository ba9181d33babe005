-- Adam on the tables of ranking models was always the lazy one, which has a name of its own now.
UPDATE runs SET config = json_set(config, '$.optimiser', 'lazy-adam')
WHERE model IN ('dlrm', 'hstu-ranking') AND json_extract(config, '$.optimiser') IN ('adam', 'adamw');
