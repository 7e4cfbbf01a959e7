//! What is printed in a worker process: by the tests, their threads and their children, in whatever language.
//!
//! Standard output and standard error of the process are the file of the present attempt. What a child of an earlier
//! attempt still prints goes to the file that it was started with. Nobody reads along, so nobody has to wait.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::native;

/// Lets everything that is printed from now on go to this file.
pub(super) fn redirect(file: &Path) -> io::Result<()> {
    flush();
    let file = File::options().create(true).append(true).open(file)?;
    native::print_to(&file)
}

/// What the test has printed and libraries still hold back belongs to it, and to nobody after it.
pub(super) fn flush() {
    let _ = io::stdout().flush();
    native::flush_c_streams();
}
