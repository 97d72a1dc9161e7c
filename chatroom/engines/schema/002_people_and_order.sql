-- Accounts, the order of rooms, and where readers stand. Times are microseconds since 1970 UTC.

-- A room is run as its acts say; NULL is a room that nobody has given an order.
ALTER TABLE rooms ADD COLUMN "order" TEXT;              -- JSON: chatroom.order.Order
ALTER TABLE rooms ADD COLUMN password TEXT;             -- Argon2 hash of what lets people in
ALTER TABLE rooms ADD COLUMN invitation BLOB;           -- SHA-256 of the token that lets people in

-- 'message', or the kind of an act, whose body is then JSON. A message without a body was deleted.
ALTER TABLE messages ADD COLUMN kind TEXT NOT NULL DEFAULT 'message';

-- What somebody has said and could be erased, and what was done: found without looking at all the rest.
CREATE INDEX messages_texts ON messages (author, room) WHERE kind = 'message' AND body <> '';
CREATE INDEX messages_acts ON messages (room, "offset") WHERE kind <> 'message';

ALTER TABLE people ADD COLUMN "key" TEXT;               -- of a claimed name: no two look alike
ALTER TABLE people ADD COLUMN password TEXT;            -- Argon2 hash; NULL is a guest
ALTER TABLE people ADD COLUMN administrator INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN barred INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX people_key ON people ("key") WHERE "key" IS NOT NULL;

-- Whoever looks after the rooms when nobody does.
INSERT INTO people (id, name) VALUES ('0', '');

ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';         -- by which its owner names it
ALTER TABLE sessions ADD COLUMN name TEXT;                           -- of a program's token; NULL is a browser
ALTER TABLE sessions ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET id = lower(hex(randomblob(8))), created_at = used_at;

-- Which rooms somebody has a role in: the same as in their orders, to be found by person.
CREATE TABLE members (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    room TEXT NOT NULL REFERENCES rooms (name),
    PRIMARY KEY (person, room)
) WITHOUT ROWID;

CREATE TABLE positions (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    room TEXT NOT NULL,
    "read" INTEGER NOT NULL DEFAULT 0,     -- the offset up to which it was read
    spoke_at INTEGER NOT NULL DEFAULT 0,   -- where the room is slow
    PRIMARY KEY (person, room)
) WITHOUT ROWID;

CREATE TABLE mentions (
    room TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    handle TEXT NOT NULL,
    PRIMARY KEY (room, "offset", handle)
) WITHOUT ROWID;
CREATE INDEX mentions_handle ON mentions (room, handle, "offset");

CREATE TABLE ignored (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    target TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    PRIMARY KEY (person, target)
) WITHOUT ROWID;
CREATE INDEX ignored_target ON ignored (target);

-- What was done by whom, for moderators; it stays when the log is trimmed.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    room TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    deed TEXT NOT NULL             -- JSON: a chatroom.deed
);
CREATE INDEX audit_room ON audit (room, id);

-- Named rooms belong to whoever spoke there first. `numbered` is that of chatroom.order.
UPDATE rooms SET "order" = (
    SELECT json_object('roles', json_object(author, 3)) FROM messages
    WHERE room = rooms.name AND "offset" = 1
) WHERE NOT numbered(name);

-- Those that are called like a conversation become one, of all who spoke there: no name of one ever opens to others.
UPDATE rooms SET "order" = (
    SELECT json_object('access', 'private', 'roles', json_group_object(author, iif(begun = 1, 3, 1))) FROM (
        SELECT author, min("offset") AS begun FROM messages
        WHERE room = rooms.name GROUP BY author ORDER BY begun LIMIT 1000
    )
) WHERE name GLOB 'private-*';
INSERT INTO members
SELECT "key", rooms.name FROM rooms, json_each("order", '$.roles') WHERE "order" IS NOT NULL;
