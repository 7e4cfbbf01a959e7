//! Steps, waits and attachments of attempts that tests make up.
