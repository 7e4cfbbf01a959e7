//! `--faults` of `cargo xtask e2e`: which planted faults of course-records the run is to have.

use std::ffi::{OsStr, OsString};

/// The variable in which course-records, whether it seeds or serves, looks for their names.
pub(crate) const VARIABLE: &str = "COURSE_RECORDS_FAULTS";

/// Takes `--faults NAME,…` out of the arguments of `e2e`: the names, and what is left. Behind a `--` it is not ours.
pub(crate) fn take(args: impl IntoIterator<Item = OsString>) -> Result<(Vec<String>, Vec<OsString>), String> {
    let mut args = args.into_iter();
    let (mut names, mut rest) = (Vec::new(), Vec::new());
    while let Some(arg) = args.next() {
        let given = match arg.to_str() {
            Some("--") => {
                rest.push(arg);
                rest.extend(args);
                break;
            }
            Some("--faults") => args.next().as_deref().and_then(OsStr::to_str).map(str::to_owned),
            Some(text) if text.starts_with("--faults=") => text.strip_prefix("--faults=").map(str::to_owned),
            _ => {
                rest.push(arg);
                continue;
            }
        };
        match given.filter(|given| !given.is_empty() && !given.starts_with('-')) {
            Some(given) => names.push(given),
            None => {
                return Err("`--faults` wants names after it, with commas between; \
                            `cargo run -p course-records -- faults` lists them"
                    .into());
            }
        }
    }
    Ok((names, rest))
}

#[cfg(test)]
mod tests {
    use super::take;

    fn taken(line: &str) -> Result<(String, String), String> {
        let (names, rest) = take(line.split_whitespace().map(Into::into))?;
        let rest: Vec<_> = rest.iter().map(|arg| arg.to_string_lossy()).collect();
        Ok((names.join(" "), rest.join(" ")))
    }

    #[test]
    fn names_are_taken_and_all_else_is_left() {
        for (line, names, rest) in [
            ("e2e instructor:: --workers 2", "", "e2e instructor:: --workers 2"),
            ("e2e --faults analysis --workers 2", "analysis", "e2e --workers 2"),
            ("e2e --faults=a,b x --faults c", "a,b c", "e2e x"),
            ("e2e -- --faults a", "", "e2e -- --faults a"),
        ] {
            assert_eq!(taken(line), Ok((names.to_owned(), rest.to_owned())), "{line}");
        }
    }

    #[test]
    fn names_must_be_there() {
        for line in ["e2e --faults", "e2e --faults=", "e2e --faults --workers 2"] {
            assert!(taken(line).unwrap_err().contains("wants names after it"), "{line}");
        }
    }
}
