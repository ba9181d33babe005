-- Lists of another program end where each of them ends; beyond, nothing is known of that user.
ALTER TABLE ranks ADD COLUMN lengths BLOB;
