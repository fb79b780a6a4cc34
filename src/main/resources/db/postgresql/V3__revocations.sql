-- Accounts that were disabled or deleted, until no access token of theirs can be good any more.
CREATE TABLE revocations (
    user_id   UUID PRIMARY KEY,
    deleted   BOOLEAN NOT NULL,
    forget_at TIMESTAMPTZ NOT NULL
);
