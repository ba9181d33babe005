-- On how many days something was seen in the trash: a clock that jumps makes nothing old.
CREATE TABLE trash_days (
  -- Of what stands in which table, by its own id.
  place TEXT NOT NULL,
  id TEXT NOT NULL,
  days INTEGER NOT NULL,
  -- The last of them, in days since 1970.
  last INTEGER NOT NULL,
  PRIMARY KEY (place, id)
) STRICT, WITHOUT ROWID;
