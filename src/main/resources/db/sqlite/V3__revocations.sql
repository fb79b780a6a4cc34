-- Accounts that were disabled or deleted, until no access token of theirs can be good any more.
CREATE TABLE revocations (
    user_id   TEXT PRIMARY KEY,
    deleted   BOOLEAN NOT NULL,
    forget_at INTEGER NOT NULL
);
