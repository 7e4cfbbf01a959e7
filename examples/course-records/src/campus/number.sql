-- The campus numbers of users, where there is a campus directory.
CREATE TABLE campus_numbers (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    number  INTEGER NOT NULL
) STRICT;
