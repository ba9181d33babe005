-- The program's version that hosted the attempt. Attempts of before have none: they count as the version of their run.
ALTER TABLE attempts ADD COLUMN code_version TEXT;
