//! The program `course-records`; all of it is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    course_records::run()
}
