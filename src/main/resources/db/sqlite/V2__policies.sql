CREATE TABLE policies (
    id          TEXT PRIMARY KEY,
    map_pattern TEXT NOT NULL,
    action      TEXT NOT NULL,
    effect      TEXT NOT NULL,
    created_at  INTEGER NOT NULL
);

-- Has a row once the first policy was made: deleting all of them allows nothing.
CREATE TABLE policies_in_force (since INTEGER NOT NULL);
