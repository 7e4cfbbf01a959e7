//! Files that a test leaves on purpose.

use std::io;
use std::path::PathBuf;

use super::attachments::{FOLDER, MOST_BYTES, MOST_BYTES_IN_ALL, MOST_FILES};
use super::{Here, here};
use crate::model::{Event, below};

/// Why something could not be attached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// There is no attempt on this thread.
    #[error(
        "`{name}` cannot be attached, because no test is executed here: attach it in the test itself, and not on a thread \
         that it has started, nor after its end"
    )]
    NoTest {
        /// The name that it was to have.
        name: String,
    },
    /// It is larger than an attachment may be.
    #[error(
        "`{name}` cannot be attached: it has {bytes} bytes, and an attachment may have {MOST_BYTES}; attach less of it"
    )]
    TooLarge {
        /// The name that it was to have.
        name: String,
        /// How large it is.
        bytes: u64,
    },
    /// The attempt has attached as much as it may.
    #[error(
        "`{name}` cannot be attached: an attempt may attach {MOST_FILES} files with {MOST_BYTES_IN_ALL} bytes in all, and \
         has attached {files} with {bytes} already"
    )]
    TooMuch {
        /// The name that it was to have.
        name: String,
        /// How many files there are.
        files: usize,
        /// How many bytes these have.
        bytes: u64,
    },
    /// The media type is none.
    #[error(
        "`{name}` cannot be attached: `{media_type}` is no media type; write one such as `application/json` or `text/plain`"
    )]
    MediaType {
        /// The name that it was to have.
        name: String,
        /// What was given.
        media_type: String,
    },
    /// The file cannot be written.
    #[error("`{name}` cannot be attached: {} cannot be written", path.display())]
    Write {
        /// The name that it was to have.
        name: String,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Keeps a file with the attempt, whether the test passes or not: the messages of a failure and the events name it.
///
/// The file is written to `attachments` in the folder of the attempt and returned. Its name is `name`, without what
/// file systems do not take, and with a number where there is one of this name already. In a text (valid UTF-8)
/// passwords of the slot's accounts are replaced by `…`.
///
/// One attachment may have 64 MiB, and those of an attempt 256 MiB in 1,000 files. It is an error to attach more, to
/// give something else than a media type, and to call this where no test is executed.
///
/// ```
/// use callboard::{App, TestResult, attach, e2e};
///
/// #[e2e]
/// fn shows_the_cart(app: &App) -> TestResult {
///     let cart = r#"{"items": 3}"#;
///     attach("cart.json", cart, "application/json")?;
///     assert!(cart.contains("3"), "at {}", app.base_url());
///     Ok(())
/// }
/// ```
pub fn attach(
    name: impl AsRef<str>,
    bytes: impl AsRef<[u8]>,
    media_type: impl AsRef<str>,
) -> Result<PathBuf, AttachError> {
    attach_here(name.as_ref(), bytes.as_ref(), media_type.as_ref())
}

fn attach_here(name: &str, bytes: &[u8], media_type: &str) -> Result<PathBuf, AttachError> {
    let Some(Here { trail, step }) = here() else {
        return Err(AttachError::NoTest { name: name.to_owned() });
    };
    let name = (trail.of.mask)(name.to_owned());
    if !is_media_type(media_type) {
        return Err(AttachError::MediaType { name, media_type: media_type.to_owned() });
    }
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > MOST_BYTES {
        return Err(AttachError::TooLarge { name, bytes: size });
    }
    let file = {
        let mut state = trail.lock();
        if state.closed {
            return Err(AttachError::NoTest { name });
        }
        state.attachments.take(&name, size)?
    };
    let folder = trail.of.folder.join(FOLDER);
    let path = folder.join(&file);
    let masked = std::str::from_utf8(bytes).ok().map(|text| (trail.of.mask)(text.to_owned()));
    let bytes = masked.as_deref().map_or(bytes, str::as_bytes);
    let written = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, bytes));
    if let Err(source) = written {
        trail.lock().attachments.forget(&file, size);
        return Err(AttachError::Write { name, path, source });
    }
    (trail.of.emit)(Event::Attached {
        test: trail.of.test.clone(),
        attempt: trail.of.attempt,
        name,
        path: below(&trail.of.run, &path),
        media_type: media_type.to_owned(),
        step,
    });
    Ok(path)
}

/// `type/subtype`, and perhaps parameters after it.
fn is_media_type(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c))
    };
    let names = text.split(';').next().unwrap_or_default().trim_end().split_once('/');
    names.is_some_and(|(kind, subkind)| is_name(kind) && is_name(subkind))
        && !text.contains(|c: char| c.is_control())
}
