-- Lists of another program end at a rank; nothing is known of larger ones.
ALTER TABLE ranks ADD COLUMN known INTEGER;
-- Of a result of another program: what its file holds and how it was read, as JSON.
ALTER TABLE runs ADD COLUMN result TEXT;
