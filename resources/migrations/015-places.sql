-- The host on which a run is to be trained, and each attempt was; null for the machine of the home.
ALTER TABLE runs ADD COLUMN place TEXT;
ALTER TABLE attempts ADD COLUMN place TEXT;
