//! A database for tests: one account of every role per worker, each with records of its own.
//!
//! The same arguments give the same rows, ids and hashes every time. The file is built beside its
//! place and moved there when it is whole, so that nobody ever sees half of it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use crate::auth::{Role, password};
use crate::db;
use crate::faults::Fault;

/// Marks databases that this command made, in the file's `application_id`: "seed" in ASCII.
const SEEDED: i32 = 0x7365_6564;
const CREATED_AT: &str = "2026-01-05T08:00:00Z";

#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedError {
    #[error("{0} exists and was not made by `seed`; pass --reset to replace it")]
    NotOurs(PathBuf),
    #[error("{path} cannot be replaced: is a server still running on it?")]
    InUse { path: PathBuf, source: rusqlite::Error },
    #[error("cannot write {path}")]
    File { path: PathBuf, source: io::Error },
    #[error("cannot build the database")]
    Build(#[from] rusqlite::Error),
    #[error("cannot hash the password")]
    Password(#[source] crate::error::Error),
}

/// Makes the database and returns its number of accounts.
pub(crate) fn seed(path: &Path, workers: u32, password: &str, reset: bool) -> Result<u32, SeedError> {
    if path.exists() {
        check_replaceable(path, reset)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".seeding-{}", std::process::id()));
    let unfinished = PathBuf::from(name);
    let result = build(&unfinished, workers, password).and_then(|accounts| {
        let moved = fs::File::open(&unfinished)
            .and_then(|file| file.sync_all())
            .and_then(|()| remove_log(path))
            .and_then(|()| fs::rename(&unfinished, path));
        moved.map_err(|source| SeedError::File { path: path.to_owned(), source })?;
        Ok(accounts)
    });
    if result.is_err() {
        // The error that counts is the one above; there may be no file yet.
        let _ = fs::remove_file(&unfinished);
    }
    result
}

/// The old file must be one of ours and nobody's: a running server would go on with a file that is gone,
/// and its write-ahead log would spoil the new one. Leaving WAL mode fails while anybody is connected and
/// removes what is left of the log.
fn check_replaceable(path: &Path, reset: bool) -> Result<(), SeedError> {
    let in_use = |source| SeedError::InUse { path: path.to_owned(), source };
    let readable = Connection::open(path).and_then(|connection| {
        let id: i32 = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        Ok((connection, id))
    });
    match readable {
        Ok((_, id)) if id != SEEDED && !reset => Err(SeedError::NotOurs(path.to_owned())),
        Ok((connection, _)) => {
            connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).map_err(in_use)
        }
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => {
            Err(in_use(error))
        }
        Err(_) if reset => Ok(()),
        Err(_) => Err(SeedError::NotOurs(path.to_owned())),
    }
}

/// A write-ahead log that somebody's deleted or killed database left would be applied to the new file.
fn remove_log(path: &Path) -> io::Result<()> {
    for ending in ["-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn build(path: &Path, workers: u32, password: &str) -> Result<u32, SeedError> {
    // Left by an earlier process of the same id.
    let _ = fs::remove_file(path);
    let mut connection = Connection::open(path)?;
    // The file is worthless until it is whole, so there is nothing to protect while it grows.
    connection.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON;")?;
    connection.pragma_update(None, "application_id", SEEDED)?;
    db::migrate(&mut connection)?;
    let transaction = connection.transaction()?;
    let seeder = Seeder { db: &transaction, password };
    seeder.shared_institutions()?;
    for worker in 0..workers {
        seeder.worker(worker)?;
    }
    let accounts = transaction.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(accounts)
}

struct Seeder<'a> {
    db: &'a Connection,
    password: &'a str,
}

impl Seeder<'_> {
    /// What all workers see (as site admins) and none owns.
    fn shared_institutions(&self) -> Result<(), SeedError> {
        for (name, city, program, code, title) in [
            ("Riverside University", "Riverside", "History", "HIST110", "World History"),
            ("Northfield Community College", "Northfield", "Nursing", "NUR120", "Foundations of Nursing"),
            (
                "Lakeview Institute of Technology",
                "Lakeview",
                "Robotics",
                "ROB101",
                "Introduction to Robotics",
            ),
        ] {
            let institution = self.institution(name, city)?;
            self.term(institution, "Fall 2026", "2026-08-31", "2026-12-18")?;
            let program = self.program(institution, program, "Shared by all workers")?;
            self.course(program, code, title, 3)?;
        }
        Ok(())
    }

    fn worker(&self, worker: u32) -> Result<(), SeedError> {
        let institution = self.institution(&format!("Worker {worker} College"), "Testville")?;
        let account = |role, institution| self.account(role, worker, institution);
        account(Role::SiteAdmin, None)?;
        account(Role::InstitutionAdmin, Some(institution))?;
        let program_admin = account(Role::ProgramAdmin, Some(institution))?;
        let instructor = account(Role::Instructor, Some(institution))?;

        let assigned =
            self.program(institution, &format!("Computer Science (W{worker})"), "Software and its making")?;
        let other = self.program(institution, &format!("Mathematics (W{worker})"), "Pure and applied")?;
        self.assign(program_admin, worker, institution, assigned)?;
        let programming = self.course(assigned, "CS101", "Introduction to Programming", 4)?;
        let structures = self.course(assigned, "CS102", "Data Structures", 4)?;
        self.course(assigned, "CS201", "Operating Systems", 3)?;
        let calculus = self.course(other, "MATH101", "Calculus I", 4)?;
        self.course(other, "MATH102", "Linear Algebra", 3)?;

        self.term(institution, "Spring 2026", "2026-01-12", "2026-05-15")?;
        let fall = self.term(institution, "Fall 2026", "2026-08-31", "2026-12-18")?;
        let programming = self.offering(programming, fall, 60)?;
        let structures = self.offering(structures, fall, 40)?;
        let calculus = self.offering(calculus, fall, 90)?;
        let first = self.section(programming, "001", Some(instructor))?;
        let second = self.section(programming, "002", Some(instructor))?;
        let third = self.section(structures, "001", Some(instructor))?;
        self.section(calculus, "001", None)?;
        self.assessment(first, "Midterm exam", "exam", 30, 28, 24)?;
        self.assessment(first, "Course project", "project", 30, 27, 25)?;
        self.assessment(second, "Midterm exam", "exam", 40, 25, 19)?;
        self.assessment(third, "Lab portfolio", "assignment", 50, 31, 29)?;
        Ok(())
    }

    /// Gives a worker's program admin the program to look after.
    fn assign(&self, admin: i64, worker: u32, institution: i64, program: i64) -> Result<(), SeedError> {
        if Fault::AdminsUnassigned.is_on() {
            self.insert(
                "INSERT INTO program_admins (program_id, user_id) SELECT id, ?2 FROM programs WHERE institution_id = ?1",
                params![institution, admin],
            )?;
            return Ok(());
        }
        // With the fault the wrong row of a list: the one above.
        let wrong = Fault::BadAccount.is_on() && worker == 1;
        let program = if wrong { self.program_named("Computer Science (W0)")? } else { program };
        self.insert(
            "INSERT INTO program_admins (program_id, user_id) VALUES (?1, ?2)",
            params![program, admin],
        )?;
        Ok(())
    }

    fn program_named(&self, name: &str) -> Result<i64, SeedError> {
        Ok(self.db.query_row("SELECT id FROM programs WHERE name = ?1", [name], |row| row.get(0))?)
    }

    fn institution(&self, name: &str, city: &str) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO institutions (name, city, created_at) VALUES (?1, ?2, ?3)",
            params![name, city, CREATED_AT],
        )
    }

    fn account(&self, role: Role, worker: u32, institution: Option<i64>) -> Result<i64, SeedError> {
        let email = format!("{}_worker{worker}@example.test", role.name());
        // The address is a salt that no two accounts share and that is the same tomorrow.
        let hash = password::hash_with_salt(self.password, &email).map_err(SeedError::Password)?;
        self.insert(
            "INSERT INTO users (email, display_name, role, institution_id, password_hash, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![email, format!("{} {worker}", role.title()), role.name(), institution, hash, CREATED_AT],
        )
    }

    fn program(&self, institution: i64, name: &str, description: &str) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO programs (institution_id, name, description) VALUES (?1, ?2, ?3)",
            params![institution, name, description],
        )
    }

    fn course(&self, program: i64, code: &str, title: &str, credits: i64) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO courses (program_id, code, title, credits) VALUES (?1, ?2, ?3, ?4)",
            params![program, code, title, credits],
        )
    }

    fn term(&self, institution: i64, name: &str, start: &str, end: &str) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO terms (institution_id, name, start_date, end_date) VALUES (?1, ?2, ?3, ?4)",
            params![institution, name, start, end],
        )
    }

    fn offering(&self, course: i64, term: i64, capacity: i64) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO offerings (course_id, term_id, capacity) VALUES (?1, ?2, ?3)",
            params![course, term, capacity],
        )
    }

    fn section(&self, offering: i64, number: &str, instructor: Option<i64>) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO sections (offering_id, number, instructor_id) VALUES (?1, ?2, ?3)",
            params![offering, number, instructor],
        )
    }

    fn assessment(
        &self,
        section: i64,
        name: &str,
        kind: &str,
        weight: i64,
        took: i64,
        passed: i64,
    ) -> Result<i64, SeedError> {
        self.insert(
            "INSERT INTO assessments (section_id, name, kind, weight, students_took, students_passed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![section, name, kind, weight, took, passed],
        )
    }

    fn insert(&self, sql: &str, values: impl rusqlite::Params) -> Result<i64, SeedError> {
        self.db.prepare_cached(sql)?.execute(values)?;
        Ok(self.db.last_insert_rowid())
    }
}
