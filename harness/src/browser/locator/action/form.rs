//! With the parts of a form: check, select, upload.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::mouse::click;
use super::{Action, Perform, Work, unless_forced};
use crate::browser::locator::Locator;
use crate::browser::locator::failure::{PageError, Why};
use crate::browser::tab::input::Button;

const TO_SELECT: &[&str] = &["visible", "enabled"];

/// See [`Locator::check`] and [`Locator::uncheck`].
#[derive(Debug)]
pub struct Check(bool);

/// See [`Locator::select`].
#[derive(Debug)]
pub struct Select(Vec<Choice>);

/// See [`Locator::upload`] and [`Locator::upload_data`].
#[derive(Debug)]
pub struct Upload(Files);

#[derive(Debug)]
enum Files {
    OnDisk(Vec<PathBuf>),
    InMemory(Vec<FileData>),
}

/// A file that is nowhere on the disk. See [`Locator::upload_data`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileData {
    name: String,
    mime: String,
    bytes: Vec<u8>,
}

impl FileData {
    /// As the page gets it: its name, its MIME type (`text/csv`) and what is in it.
    pub fn new(name: impl Into<String>, mime: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), mime: mime.into(), bytes: bytes.into() }
    }
}

/// An option of a `<select>`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Choice {
    /// With this value or this label.
    Any(String),
    /// With this value.
    Value(String),
    /// With this label.
    Label(String),
    /// With this number, from 0.
    Index(usize),
}

impl<T: Into<String>> From<T> for Choice {
    fn from(text: T) -> Self {
        Self::Any(text.into())
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any(any) => write!(f, "{any:?}"),
            Self::Value(value) => write!(f, "the value {value:?}"),
            Self::Label(label) => write!(f, "the label {label:?}"),
            Self::Index(index) => write!(f, "option {index}"),
        }
    }
}

impl Choice {
    fn to_json(&self) -> Value {
        match self {
            Self::Any(any) => json!({ "any": any }),
            Self::Value(value) => json!({ "value": value }),
            Self::Label(label) => json!({ "label": label }),
            Self::Index(index) => json!({ "index": index }),
        }
    }
}

impl Locator {
    /// Checks a box, a radio button or a switch, also one of ARIA, by a click, unless it is checked. Then it waits until it is.
    #[track_caller]
    pub fn check(&self) -> Action<Check> {
        self.action(Check(true))
    }

    /// Unchecks a box or a switch by a click, if it is checked. Then it waits until it is not.
    #[track_caller]
    pub fn uncheck(&self) -> Action<Check> {
        self.action(Check(false))
    }

    /// Chooses an option of a `<select>` by its value or its label, when it is there. The values of what is chosen then.
    ///
    /// ```no_run
    /// # async fn chooses(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::page::Choice;
    ///
    /// session.by_label("Country").select("Iceland").await?;
    /// session.by_label("Country").select(Choice::Index(0)).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn select(&self, choice: impl Into<Choice>) -> Action<Select> {
        self.action(Select(vec![choice.into()]))
    }

    /// Chooses these options of a `<select multiple>`, and no others.
    #[track_caller]
    pub fn select_all<C: Into<Choice>>(&self, choices: impl IntoIterator<Item = C>) -> Action<Select> {
        self.action(Select(choices.into_iter().map(Into::into).collect()))
    }

    /// Chooses these files of an `<input type="file">`, also one that cannot be seen; none empties it. A relative path begins at the
    /// folder that the tests run in, the package's.
    #[track_caller]
    pub fn upload<P: Into<PathBuf>>(&self, files: impl IntoIterator<Item = P>) -> Action<Upload> {
        self.action(Upload(Files::OnDisk(files.into_iter().map(Into::into).collect())))
    }

    /// Chooses files that are nowhere on the disk.
    ///
    /// ```no_run
    /// # async fn imports(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::page::FileData;
    ///
    /// let list = FileData::new("people.csv", "text/csv", "name\nIda\n");
    /// session.by_label("List").upload_data([list]).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn upload_data(&self, files: impl IntoIterator<Item = FileData>) -> Action<Upload> {
        self.action(Upload(Files::InMemory(files.into_iter().collect())))
    }
}

impl Perform for Check {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("{} `{locator}`", if self.0 { "check" } else { "uncheck" })
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        let read = json!({ "operation": "read", "what": "checked", "needs": [] });
        if work.ask(read).await?.value["is"] == self.0 {
            return Ok(());
        }
        if !self.0 {
            let kind = json!({ "operation": "read", "what": "radio", "needs": [] });
            if work.ask(kind).await?.value["is"] == true {
                let why = "a radio button cannot be unchecked: check another one of its group";
                return Err(work.failed(Why::Other(why.to_owned())));
            }
        }
        click(work, None, Button::Left, 1, &[]).await?;
        // A page may ask its server first.
        let checked = json!({ "operation": "expect", "matcher": "checked", "not": !self.0 });
        work.ask(checked).await.map(drop).map_err(|error| error.after("though it was clicked"))
    }
}

impl Perform for Select {
    /// The values of the options that are chosen now.
    type Output = Vec<String>;

    fn words(&self, locator: &Locator) -> String {
        match self.0.as_slice() {
            [choice] => format!("select {choice} of `{locator}`"),
            choices => format!("select {} options of `{locator}`", choices.len()),
        }
    }

    async fn perform(self, work: &Work) -> Result<Vec<String>, PageError> {
        let needs = unless_forced(work.force, TO_SELECT);
        let options: Vec<Value> = self.0.iter().map(Choice::to_json).collect();
        let answer = work.ask(json!({ "operation": "select", "needs": needs, "options": options })).await?;
        Ok(serde_json::from_value(answer.value).unwrap_or_default())
    }
}

impl Perform for Upload {
    type Output = ();

    fn words(&self, locator: &Locator) -> String {
        format!("upload to `{locator}`")
    }

    async fn perform(self, work: &Work) -> Result<(), PageError> {
        match self.0 {
            Files::OnDisk(files) if !files.is_empty() => upload(work, files).await,
            // The browser tells nobody when it is to choose none.
            Files::OnDisk(_) => upload_data(work, Vec::new()).await,
            Files::InMemory(files) => upload_data(work, files).await,
        }
    }
}

async fn upload_data(work: &Work, files: Vec<FileData>) -> Result<(), PageError> {
    let many = files.len() > 1;
    let files: Vec<Value> = files
        .into_iter()
        .map(|FileData { name, mime, bytes }| {
            json!({ "name": name, "mime": mime, "data": thirtyfour::support::base64_encode(&bytes) })
        })
        .collect();
    work.ask(json!({ "operation": "files", "needs": [], "many": many, "files": files })).await?;
    Ok(())
}

async fn upload(work: &Work, given: Vec<PathBuf>) -> Result<(), PageError> {
    let (mut files, mut folder) = (Vec::new(), false);
    for file in given {
        // The browser wants the whole path, and says nothing of a file that is not there.
        let file = std::path::absolute(&file).unwrap_or(file);
        match std::fs::metadata(&file) {
            Ok(about) => folder |= about.is_dir(),
            Err(error) => {
                return Err(work.failed(Why::Other(format!("cannot read {}: {error}", file.display()))));
            }
        }
        files.push(file);
    }
    let many = files.len() > 1;
    let request = json!({ "operation": "hold", "needs": [], "file": true, "many": many, "folder": folder });
    let held = work.ask(request).await?;
    let number = held.value["number"].as_u64().unwrap_or_default();
    let tab = work.locator.session().tab();
    let element = tab.element(&held.frame, number).await;
    let (page, element) = element.map_err(|obstacle| work.obstructed(obstacle))?;
    let set = page.call("DOM.setFileInputFiles", json!({ "objectId": element, "files": files }));
    tab.unless_in_the_way(set).await.map_err(|obstacle| work.obstructed(obstacle))?;
    Ok(())
}
