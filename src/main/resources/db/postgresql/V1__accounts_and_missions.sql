CREATE TABLE users (
    id            UUID PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE,
    name          TEXT,
    password_hash TEXT NOT NULL,
    roles         TEXT NOT NULL,
    disabled      BOOLEAN NOT NULL,
    version       BIGINT NOT NULL,
    created_at    TIMESTAMPTZ NOT NULL,
    updated_at    TIMESTAMPTZ NOT NULL
);

-- Used ones stay until they expire: showing one again gives a theft away.
CREATE TABLE refresh_tokens (
    hash       TEXT PRIMARY KEY,
    family     UUID NOT NULL,
    user_id    UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    used       BOOLEAN NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE signing_keys (
    name       TEXT PRIMARY KEY,
    jwk        TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE audit (
    id         UUID PRIMARY KEY,
    at         TIMESTAMPTZ NOT NULL,
    actor      TEXT,
    action     TEXT NOT NULL,
    target     TEXT,
    outcome    TEXT NOT NULL,
    address    TEXT,
    request_id TEXT
);
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotent_answers (
    user_id    UUID NOT NULL,
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    status     INTEGER,
    version    BIGINT,
    location   TEXT,
    body       TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotent_answers_age ON idempotent_answers (created_at);

CREATE TABLE missions (
    id          UUID PRIMARY KEY,
    owner_id    UUID NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    status      TEXT NOT NULL,
    tags        TEXT NOT NULL,
    metadata    TEXT,
    search      TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL,
    started_at  TIMESTAMPTZ,
    ended_at    TIMESTAMPTZ
);
CREATE INDEX missions_owner ON missions (owner_id, created_at, id);
CREATE INDEX missions_age ON missions (created_at, id);

CREATE TABLE mission_logs (
    id         UUID PRIMARY KEY,
    mission_id UUID NOT NULL REFERENCES missions (id) ON DELETE CASCADE,
    level      TEXT NOT NULL,
    message    TEXT NOT NULL,
    metadata   TEXT,
    at         TIMESTAMPTZ NOT NULL
);
CREATE INDEX mission_logs_mission ON mission_logs (mission_id, id);

CREATE TABLE specs (
    id                     UUID PRIMARY KEY,
    mission_id             UUID NOT NULL REFERENCES missions (id) ON DELETE CASCADE,
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
    version                BIGINT NOT NULL,
    created_at             TIMESTAMPTZ NOT NULL,
    updated_at             TIMESTAMPTZ NOT NULL,
    UNIQUE (mission_id, number)
);

CREATE TABLE spec_dependencies (
    spec_id       UUID NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    dependency_id UUID NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    PRIMARY KEY (spec_id, dependency_id)
);
CREATE INDEX spec_dependents ON spec_dependencies (dependency_id);

CREATE TABLE spec_history (
    id       UUID PRIMARY KEY,
    spec_id  UUID NOT NULL REFERENCES specs (id) ON DELETE CASCADE,
    from_status TEXT NOT NULL,
    to_status   TEXT NOT NULL,
    notes    TEXT,
    actor_id UUID NOT NULL,
    at       TIMESTAMPTZ NOT NULL
);
CREATE INDEX spec_history_spec ON spec_history (spec_id, id);

-- Whoever adds an event holds this row until the commit: ids have no gaps and become visible in their order.
CREATE TABLE event_counter (last BIGINT NOT NULL);
INSERT INTO event_counter VALUES (0);

CREATE TABLE events (
    id          BIGINT PRIMARY KEY,
    type        TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    owner_id    UUID NOT NULL,
    mission_id  UUID,
    spec_id     UUID,
    from_status TEXT,
    to_status   TEXT,
    version     BIGINT,
    actor_id    UUID
);
