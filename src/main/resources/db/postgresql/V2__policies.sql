CREATE TABLE policies (
    id          TEXT COLLATE "C" PRIMARY KEY,
    map_pattern TEXT NOT NULL,
    action      TEXT NOT NULL,
    effect      TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

-- Has a row once the first policy was made: deleting all of them allows nothing.
CREATE TABLE policies_in_force (since TIMESTAMPTZ NOT NULL);
