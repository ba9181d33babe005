-- Plans of the home. Their texts are files: plans/<id>.yaml, or one elsewhere that was run from a terminal.
CREATE TABLE plans (
  id TEXT PRIMARY KEY,
  -- As its text says.
  name TEXT NOT NULL,
  -- Path, relative to the home where it is in it.
  file TEXT NOT NULL UNIQUE,
  -- 'draft', 'running', 'paused' or 'ended'.
  state TEXT NOT NULL DEFAULT 'draft',
  -- Where it trains: JSON with device, hosts and whether runs of other versions of the program are used.
  place TEXT NOT NULL DEFAULT '{}',
  -- When it went on by itself, after its program had ended.
  went_on_at INTEGER,
  -- Why it does not go on.
  problem TEXT,
  changed_at INTEGER NOT NULL,
  deleted_at INTEGER
) STRICT;

CREATE TRIGGER unwritten_plans_insert AFTER INSERT ON plans
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_plans_update AFTER UPDATE ON plans
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;

CREATE TRIGGER unwritten_plans_delete AFTER DELETE ON plans
BEGIN
  DELETE FROM unwritten WHERE part = 'home';
  INSERT INTO unwritten (part) VALUES ('home');
END;
