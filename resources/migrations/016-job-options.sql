-- How the job of a run on a cluster is submitted, as JSON, where that differs from what its host says.
ALTER TABLE runs ADD COLUMN slurm TEXT;
