-- Where an attempt stood last on another machine, as JSON.
ALTER TABLE attempts ADD COLUMN last_place TEXT;
