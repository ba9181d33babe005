-- Metrics that follow from ranks are counted again for every run once the program knows more of them: which it knew last, and
-- the runs that are still to be looked at.
CREATE TABLE counted_metrics (names TEXT NOT NULL) STRICT;
CREATE TABLE uncounted_runs (run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;

CREATE TRIGGER uncounted_ranks_new AFTER INSERT ON ranks
BEGIN
  DELETE FROM uncounted_runs WHERE run = new.run;
  INSERT INTO uncounted_runs (run) VALUES (new.run);
END;
