-- The kinds of CPU that an attempt has trained on, in order, as JSON: a job may go on on another node.
ALTER TABLE attempts ADD COLUMN processors TEXT;
