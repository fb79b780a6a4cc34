-- Times are milliseconds since 1970, ids the text form of UUIDs.

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT,
    password_hash TEXT NOT NULL,
    roles         TEXT NOT NULL,
    disabled      BOOLEAN NOT NULL,
    version       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
);

-- Used ones stay until they expire: showing one again gives a theft away.
CREATE TABLE refresh_tokens (
    hash       TEXT PRIMARY KEY,
    family     TEXT NOT NULL,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used       BOOLEAN NOT NULL,
    expires_at INTEGER NOT NULL
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE signing_keys (
    name       TEXT PRIMARY KEY,
    jwk        TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE audit (
    id         TEXT PRIMARY KEY,
    at         INTEGER NOT NULL,
    actor      TEXT,
    action     TEXT NOT NULL,
    target     TEXT,
    outcome    TEXT NOT NULL,
    address    TEXT,
    request_id TEXT
);
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;

CREATE TABLE idempotent_answers (
    user_id    TEXT NOT NULL,
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    status     INTEGER,
    version    INTEGER,
    location   TEXT,
    body       TEXT,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotent_answers_age ON idempotent_answers (created_at);

CREATE TABLE missions (
    id          TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    status      TEXT NOT NULL,
    tags        TEXT NOT NULL,
    metadata    TEXT,
    search      TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    started_at  INTEGER,
    ended_at    INTEGER
);
CREATE INDEX missions_owner ON missions (owner_id, created_at, id);
CREATE INDEX missions_age ON missions (created_at, id);

CREATE TABLE mission_logs (
    id         TEXT PRIMARY KEY,
    mission_id TEXT NOT NULL REFERENCES missions (id) ON DELETE CASCADE,
    level      TEXT NOT NULL,
    message    TEXT NOT NULL,
    metadata   TEXT,
    at         INTEGER NOT NULL
);
CREATE INDEX mission_logs_mission ON mission_logs (mission_id, id);

CREATE TABLE specs (
    id                     TEXT PRIMARY KEY,
    mission_id             TEXT NOT NULL REFERENCES missions (id) ON DELETE CASCADE,
    number                 INTEGER NOT NULL,
    title                  TEXT NOT NULL,
    description            TEXT NOT NULL,
    acceptance_criteria    TEXT NOT NULL,
    implementation_details TEXT NOT NULL,
    testing_requirements   TEXT NOT NULL,
    estimated_context      INTEGER,
    tags                   TEXT NOT NULL,
    status                 TEXT NOT NULL,
    search                 TEXT NOT NULL,
    version                INTEGER NOT NULL,
    created_at             INTEGER NOT NULL,
    updated_at             INTEGER NOT NULL,
    UNIQUE (mission_id, number)
);

CREATE TABLE spec_dependencies (
    spec_id       TEXT NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    dependency_id TEXT NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    PRIMARY KEY (spec_id, dependency_id)
);
CREATE INDEX spec_dependents ON spec_dependencies (dependency_id);

CREATE TABLE spec_history (
    id       TEXT PRIMARY KEY,
    spec_id  TEXT NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    from_status TEXT NOT NULL,
    to_status   TEXT NOT NULL,
    notes    TEXT,
    actor_id TEXT NOT NULL,
    at       INTEGER NOT NULL
);
CREATE INDEX spec_history_spec ON spec_history (spec_id, id);

-- Whoever adds an event holds this row until the commit: ids have no gaps and become visible in their order.
CREATE TABLE event_counter (last INTEGER NOT NULL);
INSERT INTO event_counter VALUES (0);

CREATE TABLE events (
    id          INTEGER PRIMARY KEY,
    type        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    owner_id    TEXT NOT NULL,
    mission_id  TEXT,
    spec_id     TEXT,
    from_status TEXT,
    to_status   TEXT,
    version     INTEGER,
    actor_id    TEXT
);
