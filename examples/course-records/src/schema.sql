-- Version 1. Applied once, inside a transaction; later versions are files of their own.

CREATE TABLE institutions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    city       TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE programs (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE RESTRICT,
    name           TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 120),
    description    TEXT NOT NULL DEFAULT '',
    UNIQUE (institution_id, name)
) STRICT;

CREATE TABLE courses (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    program_id  INTEGER NOT NULL REFERENCES programs (id) ON DELETE RESTRICT,
    code        TEXT NOT NULL COLLATE NOCASE CHECK (length(code) BETWEEN 1 AND 20),
    title       TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    credits     INTEGER NOT NULL CHECK (credits BETWEEN 0 AND 60),
    description TEXT NOT NULL DEFAULT '',
    UNIQUE (program_id, code)
) STRICT;

CREATE TABLE terms (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE RESTRICT,
    name           TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 60),
    start_date     TEXT NOT NULL,
    end_date       TEXT NOT NULL,
    UNIQUE (institution_id, name),
    CHECK (start_date < end_date)
) STRICT;

CREATE TABLE offerings (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    course_id INTEGER NOT NULL REFERENCES courses (id) ON DELETE RESTRICT,
    term_id   INTEGER NOT NULL REFERENCES terms (id) ON DELETE RESTRICT,
    capacity  INTEGER NOT NULL CHECK (capacity BETWEEN 1 AND 2000),
    UNIQUE (course_id, term_id)
) STRICT;
CREATE INDEX offerings_by_term ON offerings (term_id);

CREATE TABLE users (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    email          TEXT NOT NULL COLLATE NOCASE UNIQUE CHECK (length(email) BETWEEN 3 AND 200),
    display_name   TEXT NOT NULL CHECK (length(display_name) BETWEEN 1 AND 120),
    role           TEXT NOT NULL
                   CHECK (role IN ('site_admin', 'institution_admin', 'program_admin', 'instructor')),
    institution_id INTEGER REFERENCES institutions (id) ON DELETE RESTRICT,
    password_hash  TEXT NOT NULL,
    is_active      INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    created_at     TEXT NOT NULL,
    CHECK ((role = 'site_admin') = (institution_id IS NULL))
) STRICT;
CREATE INDEX users_by_institution ON users (institution_id);

CREATE TABLE program_admins (
    program_id INTEGER NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (program_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX program_admins_by_user ON program_admins (user_id);

CREATE TABLE sections (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    offering_id   INTEGER NOT NULL REFERENCES offerings (id) ON DELETE RESTRICT,
    number        TEXT NOT NULL COLLATE NOCASE CHECK (length(number) BETWEEN 1 AND 10),
    instructor_id INTEGER REFERENCES users (id) ON DELETE RESTRICT,
    UNIQUE (offering_id, number)
) STRICT;
CREATE INDEX sections_by_instructor ON sections (instructor_id);

CREATE TABLE assessments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    section_id      INTEGER NOT NULL REFERENCES sections (id) ON DELETE RESTRICT,
    name            TEXT NOT NULL COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 120),
    kind            TEXT NOT NULL CHECK (kind IN ('exam', 'project', 'assignment', 'presentation')),
    weight          INTEGER NOT NULL CHECK (weight BETWEEN 0 AND 100),
    students_took   INTEGER NOT NULL DEFAULT 0 CHECK (students_took >= 0),
    students_passed INTEGER NOT NULL DEFAULT 0 CHECK (students_passed BETWEEN 0 AND students_took),
    narrative       TEXT NOT NULL DEFAULT '',
    UNIQUE (section_id, name)
) STRICT;

CREATE TABLE sessions (
    token      TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    csrf       TEXT NOT NULL,
    expires_at INTEGER NOT NULL -- seconds since 1970
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
