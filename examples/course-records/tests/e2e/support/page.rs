//! What a person does on a page, and what they see there. The ids follow the conventions that the application's
//! page-rendering module writes down.

use std::path::Path;

use callboard::{Locator, Session, exact, expect, matching};

use super::{Step, StepError};

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
        expect(self.session).to_have_url(matching(format!(r"^\w+://[^/]+{path}(\?.*)?$"))).await?;
        self.settled().await
    }

    /// Waits until the page and its table have fetched what they show. What went wrong meanwhile is an error.
    pub(crate) async fn settled(&self) -> Step {
        expect(self.at("body[data-ready=true]")).to_be_attached().await?;
        expect(self.at("[aria-busy=true]")).to_have_count(0).await?;
        let problem = self.at("#page-error");
        if problem.is_visible().await? {
            return Err(StepError::new(format_args!("the page says: {}", problem.text().await?)));
        }
        Ok(())
    }

    /// What a selector finds on it.
    pub(crate) fn at(self, selector: &str) -> Locator {
        self.session.locator(selector)
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Step {
        self.send("login", &[("email", email), ("password", password)]).await
    }

    /// Waits until the sign-in page comes again with this address, and says this.
    pub(crate) async fn refuses_sign_in(&self, email: &str, words: &str) -> Step {
        expect(self.at("#login-email")).to_have_attribute("value", email).await?;
        Ok(expect(self.at("#login-error")).to_have_text(words).await?)
    }

    /// Fills in and sends a form of people who are not signed in. `fields` are names as in the ids: `email` of
    /// `register` is `register-email`.
    pub(crate) async fn send(&self, form: &str, fields: &[(&str, &str)]) -> Step {
        for (name, text) in fields {
            self.fill(&format!("{form}-{name}"), text).await?;
        }
        self.press(&format!("#{form}-submit")).await
    }

    /// Presses a button or a link.
    pub(crate) async fn press(&self, selector: &str) -> Step {
        Ok(self.at(selector).click().await?)
    }

    /// Fills in a field, whatever kind of field it is. In lists and groups of boxes `text` is the label of what
    /// is chosen.
    pub(crate) async fn fill(&self, id: &str, text: &str) -> Step {
        let field = self.at(&format!("#{id}"));
        expect(&field).to_be_visible().await?;
        let is_a =
            async |kind: &str| Ok::<bool, StepError>(self.at(&format!("{kind}#{id}")).count().await? == 1);
        if is_a("select").await? {
            field.select(text).await?;
        } else if is_a("fieldset").await? {
            field.by_label(exact(text)).check().await?;
        } else {
            field.fill(text).await?;
        }
        Ok(())
    }

    /// Chooses a file in a field for one.
    pub(crate) async fn attach(&self, id: &str, file: &Path) -> Step {
        Ok(self.at(&format!("#{id}")).upload([file]).await?)
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
        Ok(self.row(text).0.locator(format!("button[data-action={action}]")).click().await?)
    }

    /// The dialog that is open.
    pub(crate) fn dialog(self) -> Locator {
        self.at("dialog[open]")
    }

    /// Fills in the open dialog and submits it.
    pub(crate) async fn submit(&self, record: &str, fields: &[(&str, &str)]) -> Step {
        for (name, text) in fields {
            self.fill(&format!("{record}-{name}"), text).await?;
        }
        Ok(self.dialog().locator("[type=submit]").click().await?)
    }

    /// Closes the open dialog without saving.
    pub(crate) async fn cancel(&self) -> Step {
        self.dialog().locator("[data-role=cancel]").click().await?;
        Ok(expect(self.dialog()).to_be_hidden().await?)
    }

    /// Waits until the page says that something was done, with the dialog closed and the table up to date.
    pub(crate) async fn says(&self, text: &str) -> Step {
        expect(self.at("#toast")).to_have_text(text).await?;
        expect(self.dialog()).to_be_hidden().await?;
        Ok(expect(self.at("[aria-busy=true]")).to_have_count(0).await?)
    }

    /// Waits until the open dialog refuses what was submitted, in these words.
    pub(crate) async fn refuses(&self, words: &str) -> Step {
        Ok(expect(self.dialog().locator("[data-role=error]")).to_have_text(words).await?)
    }

    /// Waits until the open dialog finds fault with a field, in words that contain these.
    pub(crate) async fn finds_fault(&self, field: &str, words: &str) -> Step {
        Ok(expect(self.at(&format!("#{field}-error"))).to_contain_text(words).await?)
    }

    /// Searches the table and waits until it shows what was found.
    pub(crate) async fn search(&self, text: &str) -> Step {
        self.fill("search", text).await?;
        self.settled().await
    }

    /// The row of which one cell shows exactly this text.
    pub(crate) fn row(self, text: &str) -> Row {
        // A cell may have more in it: below a user's name stands the address.
        let cell = self.session.by_text(exact(text));
        Row(self.at("main tbody tr").filter(&cell))
    }

    /// All cells in one column, from top to bottom.
    pub(crate) fn column(self, key: &str) -> Locator {
        self.at(&format!("main tbody [data-key={key}]"))
    }
}

/// A row of a table.
pub(crate) struct Row(Locator);

impl Row {
    pub(crate) fn cell(&self, key: &str) -> Locator {
        self.0.locator(format!("[data-key={key}]"))
    }

    /// Waits until these columns show these texts.
    pub(crate) async fn shows(&self, cells: &[(&str, &str)]) -> Step {
        for (key, text) in cells {
            expect(self.cell(key)).to_have_text(*text).await?;
        }
        Ok(())
    }
}
