-- Files count with all that is kept of them: a picture together with the smaller one that is made of it.
ALTER TABLE files ADD COLUMN thumbnail INTEGER NOT NULL DEFAULT 0;     -- bytes of a smaller picture, 0: there is none
UPDATE files SET thumbnail = (
    SELECT coalesce(sum(length(bytes)), 0) FROM chunks WHERE file = files.id AND part = 2
);
DROP INDEX files_person;
DROP INDEX files_size;
CREATE INDEX files_person ON files (person, size, thumbnail);
CREATE INDEX files_size ON files (size, thumbnail);
