//! What a person does on a page, and what they see there. The ids follow the conventions that the application's
//! page-rendering module writes down.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Index;
use std::path::Path;

use callboard::Session;
use callboard::thirtyfour::prelude::*;
use serde_json::{Value, json};

use super::wait::until;
use super::{Step, StepError};

/// The text of a cell without what stands in it under a name of its own, as the e-mail below a user's name.
const OWN_TEXT: &str = "const own = (node) => [...node.childNodes].filter((part) => !part.dataset?.key).map((part) => part.textContent).join('');";

/// A page of the application in somebody's browser.
#[derive(Clone, Copy)]
pub(crate) struct Page<'s> {
    session: &'s Session,
}

impl<'s> Page<'s> {
    /// Goes to a path and waits until the page shows all it has to.
    pub(crate) async fn open(session: &'s Session, path: &str) -> Step<Page<'s>> {
        session.goto(path).await?;
        let page = Self { session };
        page.settled().await?;
        Ok(page)
    }

    /// Goes on to another path in the same browser.
    pub(crate) async fn go(&self, path: &str) -> Step {
        Self::open(self.session, path).await?;
        Ok(())
    }

    /// Waits until the browser is at a path, wherever the application sends it before.
    pub(crate) async fn arrives(&self, path: &str) -> Step {
        let what = format!("the address to be {path}");
        self.until(&what, "return location.pathname === it", json!(path)).await?;
        self.settled().await
    }

    /// Waits until the page and its table have fetched what they show. What went wrong meanwhile is an error.
    pub(crate) async fn settled(&self) -> Step {
        let condition = r#"
            const ready = document.body?.dataset.ready === "true" && !document.querySelector('[aria-busy="true"]');
            const problem = document.getElementById("page-error");
            return ready && { problem: problem && !problem.hidden ? problem.textContent : "" };"#;
        let found = self.until("the page to be ready", condition, Value::Null).await?;
        match found["problem"].as_str() {
            None | Some("") => Ok(()),
            Some(problem) => Err(StepError::new(format_args!("the page says: {problem}"))),
        }
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Step {
        self.fill("login-email", email).await?;
        self.fill("login-password", password).await?;
        self.press("#login-submit").await
    }

    /// Waits until the sign-in page comes again with this address, and returns why.
    pub(crate) async fn sign_in_refusal(&self, email: &str) -> Step<String> {
        let condition = r#"
            const again = document.getElementById("login-email")?.getAttribute("value") === it;
            return again && document.getElementById("login-error")?.textContent;"#;
        let words = self.until("the sign-in to be refused", condition, json!(email)).await?;
        Ok(words.as_str().unwrap_or_default().to_owned())
    }

    /// Fills in and sends a form of people who are not signed in. `fields` are names as in the ids: `email` of
    /// `register` is `register-email`.
    pub(crate) async fn send(&self, form: &str, fields: &[(&str, &str)]) -> Step {
        for (name, text) in fields {
            self.fill(&format!("{form}-{name}"), text).await?;
        }
        self.press(&format!("#{form}-submit")).await
    }

    /// Waits for an element with some text that can be seen, and returns the text.
    pub(crate) async fn reads(&self, selector: &str) -> Step<String> {
        let condition = "const node = document.querySelector(it); return node?.checkVisibility() && node.textContent.trim()";
        let text = self.until(&format!("text in `{selector}`"), condition, json!(selector)).await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Presses a button or a link that is there and can be pressed.
    pub(crate) async fn press(&self, selector: &str) -> Step {
        let condition = r#"
            const node = document.querySelector(it);
            if (!node || node.disabled || !node.checkVisibility()) return false;
            node.scrollIntoView({ block: "center" });
            return true;"#;
        self.until(&format!("`{selector}` to press"), condition, json!(selector)).await?;
        self.session.find(By::Css(selector)).await?.click().await?;
        Ok(())
    }

    /// Fills in a field, whatever kind of field it is. In lists and groups of boxes `text` is the label of what
    /// is chosen.
    pub(crate) async fn fill(&self, id: &str, text: &str) -> Step {
        let kind = self
            .until(
                &format!("the field `{id}`"),
                "const field = document.getElementById(it); return field?.checkVisibility() && field.type",
                json!(id),
            )
            .await?;
        let field = self.session.find(By::Id(id)).await?;
        match kind.as_str() {
            Some("select-one") => self.click_text(&field, "option", text).await,
            Some("fieldset") => self.click_text(&field, "label", text).await,
            // The order of day, month and year that is typed depends on the browser's language.
            Some("date") => self.set_value(&field, text).await,
            _ => {
                field.clear().await?;
                Ok(field.send_keys(text).await?)
            }
        }
    }

    /// Chooses a file in a field for one.
    pub(crate) async fn attach(&self, id: &str, file: &Path) -> Step {
        self.session.find(By::Id(id)).await?.send_keys(file.to_string_lossy()).await?;
        Ok(())
    }

    async fn click_text(&self, field: &WebElement, tag: &str, text: &str) -> Step {
        let path = format!(".//{tag}[normalize-space()='{text}']");
        let Ok(choice) = field.find(By::XPath(path)).await else {
            let offered = field.text().await?.replace('\n', ", ");
            return Err(StepError::new(format_args!("“{text}” is not among what is offered: {offered}")));
        };
        Ok(choice.click().await?)
    }

    async fn set_value(&self, field: &WebElement, text: &str) -> Step {
        let script = "arguments[0].value = arguments[1];
            for (const name of ['input', 'change']) arguments[0].dispatchEvent(new Event(name, { bubbles: true }));";
        self.session.execute(script, vec![field.to_json()?, json!(text)]).await?;
        Ok(())
    }

    /// Makes a record in the dialog for it. `fields` are names as in the ids: `name` of a course is `course-name`.
    pub(crate) async fn create(&self, record: &str, fields: &[(&str, &str)]) -> Step {
        self.press(&format!("#open-create-{record}")).await?;
        self.submit(record, fields).await
    }

    /// Changes the record whose row shows `text`.
    pub(crate) async fn edit(&self, record: &str, text: &str, fields: &[(&str, &str)]) -> Step {
        self.press_in_row(text, "edit").await?;
        self.submit(record, fields).await
    }

    /// Deletes the record whose row shows `text`, and confirms it.
    pub(crate) async fn delete(&self, text: &str) -> Step {
        self.press_in_row(text, "delete").await?;
        self.submit("", &[]).await
    }

    /// Presses a button of the row that shows `text`.
    pub(crate) async fn press_in_row(&self, text: &str, action: &str) -> Step {
        let id = self.row(text).await?.id;
        self.press(&format!("tr[data-id='{id}'] button[data-action='{action}']")).await
    }

    /// Fills in the open dialog and submits it.
    pub(crate) async fn submit(&self, record: &str, fields: &[(&str, &str)]) -> Step {
        for (name, text) in fields {
            self.fill(&format!("{record}-{name}"), text).await?;
        }
        self.press("dialog[open] [type=submit]").await
    }

    /// Closes the open dialog without saving.
    pub(crate) async fn cancel(&self) -> Step {
        self.press("dialog[open] [data-role=cancel]").await?;
        self.until("the dialog to close", "return !document.querySelector('dialog[open]')", Value::Null)
            .await?;
        Ok(())
    }

    /// Waits until the page says that something was done, with the dialog closed and the table up to date.
    pub(crate) async fn says(&self, text: &str) -> Step {
        let condition = r#"
            return document.getElementById("toast").textContent === it
                && !document.querySelector('dialog[open], [aria-busy="true"]');"#;
        self.until(&format!("the message “{text}” and no dialog"), condition, json!(text)).await?;
        Ok(())
    }

    /// Waits until the open dialog refuses what was submitted, and returns its words: the message, and with
    /// `field: ` in front those beside fields.
    pub(crate) async fn refusal(&self) -> Step<String> {
        let condition = r#"
            const dialog = document.querySelector("dialog[open]");
            // Until the answer is there, the button stays disabled and older words may stand there.
            if (!dialog || dialog.querySelector('[type="submit"]').disabled) return "";
            const places = [...dialog.querySelectorAll('[data-role="error"], .field-error')];
            const field = (place) => (place.id ? `${place.id.replace("-error", "")}: ` : "");
            const said = places.filter((place) => !place.hidden).map((place) => field(place) + place.textContent).join("\n");
            return said;"#;
        let said = self.until("the dialog to refuse", condition, Value::Null).await?;
        Ok(said.as_str().unwrap_or_default().to_owned())
    }

    /// Searches the table and waits until it shows what was found.
    pub(crate) async fn search(&self, text: &str) -> Step {
        self.fill("search", text).await?;
        self.settled().await
    }

    /// Waits for the row of which one cell shows exactly this text.
    pub(crate) async fn row(&self, text: &str) -> Step<Row> {
        let condition = r#"
            if (document.querySelector('[aria-busy="true"]')) return null;
            const entry = (cell, index) => [cell.dataset.key ?? String(index), own(cell)];
            const cells = (row) => [...row.querySelectorAll("td, td [data-key]")].map(entry);
            const rows = [...document.querySelectorAll("main tbody tr")];
            const row = rows.find((row) => cells(row).some(([, text]) => text === it));
            return row && { id: row.dataset.id ?? "", cells: Object.fromEntries(cells(row)) };"#;
        let condition = format!("{OWN_TEXT}{condition}");
        let found = self.until(&format!("a row with “{text}”"), &condition, json!(text)).await?;
        let cells = found["cells"].as_object().into_iter().flatten();
        let cells = cells.map(|(key, cell)| (key.clone(), cell.as_str().unwrap_or_default().to_owned()));
        Ok(Row { id: found["id"].as_str().unwrap_or_default().to_owned(), cells: cells.collect() })
    }

    /// The texts of all cells in one column, from top to bottom.
    pub(crate) async fn column(&self, key: &str) -> Step<Vec<String>> {
        let script =
            "return [...document.querySelectorAll(`main tbody [data-key='${arguments[0]}']`)].map(own)";
        Ok(self.session.execute(format!("{OWN_TEXT}{script}"), vec![json!(key)]).await?.convert()?)
    }

    /// The text of what is there for sure, once the page is settled.
    pub(crate) async fn text(&self, selector: &str) -> Step<String> {
        self.settled().await?;
        let texts = self.texts(selector).await?;
        texts.into_iter().next().ok_or_else(|| StepError::new(format_args!("the page has no `{selector}`")))
    }

    /// The texts of all that a selector finds now.
    pub(crate) async fn texts(&self, selector: &str) -> Step<Vec<String>> {
        let script =
            "return [...document.querySelectorAll(arguments[0])].map((node) => node.textContent.trim())";
        Ok(self.session.execute(script, vec![json!(selector)]).await?.convert()?)
    }

    /// Whether something is on the page and can be seen, now.
    pub(crate) async fn shows(&self, selector: &str) -> Step<bool> {
        let script = "return document.querySelector(arguments[0])?.checkVisibility() ?? false";
        Ok(self.session.execute(script, vec![json!(selector)]).await?.convert()?)
    }

    /// Path and query of the address.
    pub(crate) async fn address(&self) -> Step<String> {
        let script = "return location.pathname + location.search";
        Ok(self.session.execute(script, Vec::new()).await?.convert()?)
    }

    /// Waits for anything else, as `wait::until` has it.
    pub(crate) async fn until(&self, what: &str, condition: &str, it: Value) -> Step<Value> {
        until(self.session, what, condition, it).await
    }
}

/// A row of a table: its cells by column.
pub(crate) struct Row {
    id: String,
    cells: BTreeMap<String, String>,
}

impl Index<&str> for Row {
    type Output = str;

    fn index(&self, column: &str) -> &str {
        match self.cells.get(column) {
            Some(text) => text,
            None => panic!("the table has no column `{column}`: {self:?}"),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cells.fmt(f)
    }
}
