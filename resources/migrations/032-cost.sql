-- What a training took besides its time. peak_memory: bytes, the most that a trainer of the run had resident; energy: joules of the machine's
-- processors; list_seconds: of ranking all candidates for one user. NULL where it is not known.
ALTER TABLE runs ADD COLUMN peak_memory INTEGER;
ALTER TABLE runs ADD COLUMN energy REAL;
ALTER TABLE runs ADD COLUMN list_seconds REAL;
-- Joules since the sample before.
ALTER TABLE system_samples ADD COLUMN energy REAL;
