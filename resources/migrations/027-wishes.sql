-- What the user has asked of an attempt while it trains: to stop, or to make its epoch the last. Whoever takes the attempt over
-- asks for it again: the process that was told may be gone before the trainer, which may be on another machine, has heard of it.
ALTER TABLE attempts ADD COLUMN wish TEXT CHECK (wish IN ('stop', 'finish'));
