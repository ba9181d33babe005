-- The journal of an attempt, a file in the folder of its run, and how much of it is in this database, in bytes. Attempts of
-- before have none.
ALTER TABLE attempts ADD COLUMN journal TEXT;
ALTER TABLE attempts ADD COLUMN journal_offset INTEGER NOT NULL DEFAULT 0;
