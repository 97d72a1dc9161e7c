-- The log of every room, and who speaks in it. Times are microseconds since 1970 UTC.

CREATE TABLE life (
    epoch TEXT NOT NULL CHECK (length(epoch) = 8)
);

CREATE TABLE rooms (
    name TEXT PRIMARY KEY,
    head INTEGER NOT NULL          -- the offset of the last message
) WITHOUT ROWID;

-- Rows lie in the order in which they were written: appending touches the last page only.
CREATE TABLE messages (
    room TEXT NOT NULL REFERENCES rooms (name),
    "offset" INTEGER NOT NULL,     -- dense from 1 in each room
    at INTEGER NOT NULL,
    author TEXT NOT NULL REFERENCES people (id),
    author_name TEXT NOT NULL,     -- as it was then
    client_id TEXT,
    body TEXT NOT NULL,
    html TEXT NOT NULL,            -- of the body, safe to show
    UNIQUE (room, "offset")
);

-- A post may be repeated after any fault: the same (room, author, client_id) is the same message. Without a client_id
-- (NULL differs from NULL) every post is its own.
CREATE UNIQUE INDEX messages_client_id ON messages (author, room, client_id);

CREATE TABLE people (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    token BLOB PRIMARY KEY,        -- SHA-256 of the token that its owner holds
    person TEXT NOT NULL REFERENCES people (id),
    used_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_used_at ON sessions (used_at);
