-- Seeds of one config stand together without a sort (the table of runs folds them into a row).
CREATE INDEX runs_same_but_seed ON runs (model, dataset_fingerprint, config, deleted_at, archived);
