-- Version 2: what goes through e-mail. Addresses that are verified, links, invitations, reminders.

-- Accounts that somebody with authority made are as good as verified.
ALTER TABLE users ADD COLUMN is_verified INTEGER NOT NULL DEFAULT 1 CHECK (is_verified IN (0, 1));

CREATE TABLE invitations (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    email          TEXT NOT NULL COLLATE NOCASE CHECK (length(email) BETWEEN 3 AND 200),
    role           TEXT NOT NULL CHECK (role IN ('institution_admin', 'program_admin', 'instructor')),
    institution_id INTEGER NOT NULL REFERENCES institutions (id) ON DELETE CASCADE,
    invited_by     INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at     TEXT NOT NULL,
    sent_at        TEXT,   -- when a mail server took it
    accepted_at    TEXT,
    expires_at     INTEGER NOT NULL -- seconds since 1970
) STRICT;
CREATE UNIQUE INDEX open_invitations ON invitations (institution_id, email) WHERE accepted_at IS NULL;

CREATE TABLE invitation_programs (
    invitation_id INTEGER NOT NULL REFERENCES invitations (id) ON DELETE CASCADE,
    program_id    INTEGER NOT NULL REFERENCES programs (id) ON DELETE CASCADE,
    PRIMARY KEY (invitation_id, program_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_programs_by_program ON invitation_programs (program_id);

-- What a link in a message proves. The link carries the token, the database only its hash.
CREATE TABLE tokens (
    hash          TEXT PRIMARY KEY,
    purpose       TEXT NOT NULL CHECK (purpose IN ('verify', 'reset', 'invitation')),
    user_id       INTEGER REFERENCES users (id) ON DELETE CASCADE,
    invitation_id INTEGER REFERENCES invitations (id) ON DELETE CASCADE,
    expires_at    INTEGER NOT NULL, -- seconds since 1970
    CHECK ((purpose = 'invitation') = (invitation_id IS NOT NULL)),
    CHECK ((purpose = 'invitation') = (user_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_invitation ON tokens (invitation_id);

-- Who asked lately for a message to an address, so that nobody can fill a stranger's mailbox.
CREATE TABLE mail_requests (
    email        TEXT NOT NULL COLLATE NOCASE,
    requested_at INTEGER NOT NULL -- seconds since 1970
) STRICT;
CREATE INDEX mail_requests_by_email ON mail_requests (email, requested_at);

CREATE TABLE reminders (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    section_id    INTEGER NOT NULL REFERENCES sections (id) ON DELETE CASCADE,
    instructor_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    sender_id     INTEGER REFERENCES users (id) ON DELETE SET NULL,
    sent_at       INTEGER NOT NULL -- seconds since 1970
) STRICT;
CREATE INDEX reminders_by_section ON reminders (section_id, instructor_id, sent_at);
CREATE INDEX reminders_by_instructor ON reminders (instructor_id);
