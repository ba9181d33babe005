-- Of several held-out items a user, whose rows stand behind each other: 'all' of them in one list, or 'successive', each with its own history.
ALTER TABLE ranks ADD COLUMN several TEXT;
