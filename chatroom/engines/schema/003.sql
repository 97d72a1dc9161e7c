-- Messages that answer others, are edited, have reactions and files, and can be found.

-- Rows keep the order in which they were written, now under numbers that stay when the file is put in order (VACUUM): the
-- index of the words names them.
CREATE TABLE numbered_messages (
    number INTEGER PRIMARY KEY,
    room TEXT NOT NULL REFERENCES rooms (name),
    "offset" INTEGER NOT NULL,     -- dense from 1 in each room
    at INTEGER NOT NULL,
    author TEXT NOT NULL REFERENCES people (id),
    author_name TEXT NOT NULL,     -- as it was then
    client_id TEXT,
    body TEXT NOT NULL,            -- empty: it was deleted; of an act: JSON, chatroom.deed
    html TEXT NOT NULL,            -- of the body, safe to show
    kind TEXT NOT NULL DEFAULT 'message',  -- or that of an act
    reply TEXT,                    -- JSON: chatroom.message.Quoted
    files TEXT,                    -- JSON: a list of chatroom.message.File
    reactions TEXT,                -- JSON: chatroom.message.Reactions
    edited_at INTEGER,
    UNIQUE (room, "offset")
);
INSERT INTO numbered_messages (
    number, room, "offset", at, author, author_name, client_id, body, html, kind
)
SELECT rowid, room, "offset", at, author, author_name, client_id, body, html, kind
FROM messages ORDER BY rowid;
DROP TABLE messages;
ALTER TABLE numbered_messages RENAME TO messages;

CREATE UNIQUE INDEX messages_client_id ON messages (author, room, client_id);
CREATE INDEX messages_texts ON messages (author, room) WHERE kind = 'message' AND body <> '';
CREATE INDEX messages_acts ON messages (room, "offset") WHERE kind <> 'message';

-- What belongs to a message, or will: a file waits for the message of who has sent it, and goes with it.
CREATE TABLE files (
    id TEXT PRIMARY KEY,           -- random, by which it is fetched
    person TEXT NOT NULL,          -- who has sent it
    room TEXT NOT NULL,
    "offset" INTEGER,              -- of its message; NULL: it has none yet, or none any more
    name TEXT NOT NULL,
    type TEXT NOT NULL,            -- of the content, as it is served
    size INTEGER NOT NULL,         -- bytes
    width INTEGER NOT NULL DEFAULT 0,      -- pixels of a picture, 0 for all else
    height INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL    -- 0: it can go
) WITHOUT ROWID;
CREATE INDEX files_person ON files (person, size);
CREATE INDEX files_size ON files (size);
CREATE INDEX files_loose ON files (created_at) WHERE "offset" IS NULL;
CREATE INDEX files_message ON files (room, "offset") WHERE "offset" IS NOT NULL;

-- What is on its way in: nobody can find it before it is whole. Its size is what was promised to it.
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,           -- of the file that it will be
    person TEXT NOT NULL,
    size INTEGER NOT NULL          -- bytes
) WITHOUT ROWID;

-- The bytes of files, in rows of 64 kB but for the last one: none is ever in memory as a whole.
CREATE TABLE chunks (
    file TEXT NOT NULL,
    part INTEGER NOT NULL,         -- chatroom.engines.base.Part
    number INTEGER NOT NULL,       -- dense from 0 in each part
    bytes BLOB NOT NULL,
    PRIMARY KEY (file, part, number)
);
-- The index of words: one more reader of the log, with its own cursor. It lies in volumes, tables of FTS5 that are made
-- when they are needed: chatroom.engines.sqlite_search.
CREATE TABLE indexed (
    edition TEXT NOT NULL,         -- what it was made with: chatroom.words
    upto INTEGER NOT NULL          -- the number of the last row that was taken in
);
INSERT INTO indexed VALUES ('', 0);
CREATE TABLE volumes (
    id INTEGER PRIMARY KEY,
    traces INTEGER NOT NULL DEFAULT 0      -- 1: words of what is gone may still be read in the file; 2: complete, to be merged
);

-- What the index has taken in and the log does not say any more: the index needs the words to let go of them. A text that
-- changes twice in between is here as it was taken in.
CREATE TABLE outdated (
    number INTEGER PRIMARY KEY,
    room TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TRIGGER messages_changed AFTER UPDATE OF body ON messages
WHEN old.kind = 'message' AND old.body <> '' AND old.body <> new.body
BEGIN
    INSERT OR IGNORE INTO outdated
    SELECT old.number, old.room, old.author, old.author_name, old.body FROM indexed WHERE upto >= old.number;
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages
WHEN old.kind = 'message' AND old.body <> ''
BEGIN
    INSERT OR IGNORE INTO outdated
    SELECT old.number, old.room, old.author, old.author_name, old.body FROM indexed WHERE upto >= old.number;
END;
