-- What is held out can be chosen; in the place of new configs, so that those of stored and of new runs stay equal.
UPDATE runs SET config =
  replace(config, '"historyFilter":', '"split":"leave-last-out","validShare":0.1,"testShare":0.1,"historyFilter":')
WHERE json_extract(config, '$.historyFilter') IS NOT NULL AND json_extract(config, '$.validShare') IS NULL;
