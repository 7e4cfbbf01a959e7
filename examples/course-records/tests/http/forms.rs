//! The forms of people who are not signed in, filled in and sent as a browser does it.

use reqwest::{Method, Response};

use crate::client::{FORM, Person, between, encode};

/// A page, as far as these tests look at it.
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Shown {
    async fn of(answer: Response) -> Self {
        Self { status: answer.status().as_u16(), text: answer.text().await.expect("a page") }
    }

    /// The text of the element with this id, which has no children.
    pub(crate) fn at(&self, id: &str) -> String {
        let element = between(&self.text, &format!("id=\"{id}\""), "</");
        unescaped(element.split_once('>').expect("the end of a tag").1)
    }

    pub(crate) fn has(&self, id: &str) -> bool {
        self.text.contains(&format!("id=\"{id}\""))
    }

    /// The form of this name: where it goes, and its hidden fields.
    fn form(&self, name: &str) -> (String, Vec<(String, String)>) {
        let id = format!("method=\"post\" id=\"{name}\"");
        let (before, after) = self.text.split_once(&id).unwrap_or_else(|| panic!("{name} in {}", self.text));
        let action = before.rsplit_once("<form action=\"").expect("an action").1;
        let action = unescaped(action.split_once('"').expect("its end").0);
        let inputs = after.split_once("</form>").expect("the end of the form").0;
        let hidden = inputs.split("<input type=\"hidden\" ").skip(1).map(|input| {
            (between(input, "name=\"", "\"").to_owned(), unescaped(between(input, "value=\"", "\"")))
        });
        (action, hidden.collect())
    }
}

/// The few characters that pages escape.
fn unescaped(text: &str) -> String {
    let characters = [("&#x2f;", "/"), ("&#x27;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">")];
    let text = characters.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

impl Person {
    /// Opens a page; also one that a link in a message leads to.
    pub(crate) async fn open(&mut self, link: &str) -> Shown {
        let path = link.strip_prefix(self.url()).unwrap_or(link).to_owned();
        let answer = self.get(&path).await;
        self.take_cookies(&answer);
        Shown::of(answer).await
    }

    /// Sends a form of a page, and returns the page that comes next. What that redirects to is opened too.
    pub(crate) async fn fill(&mut self, page: &Shown, name: &str, fields: &[(&str, &str)]) -> Shown {
        let (action, mut values) = page.form(name);
        values.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let pairs: Vec<_> =
            values.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let answer = self.request(Method::POST, &action, Some(FORM), &pairs.join("&")).await;
        self.take_cookies(&answer);
        match answer.headers().get("location").map(|place| place.to_str().expect("a path").to_owned()) {
            Some(place) => self.open(&place).await,
            None => Shown::of(answer).await,
        }
    }

    /// Opens a page and sends its form.
    pub(crate) async fn send_form(&mut self, link: &str, name: &str, fields: &[(&str, &str)]) -> Shown {
        let page = self.open(link).await;
        assert_eq!(page.status, 200, "{link}: {}", page.text);
        self.fill(&page, name, fields).await
    }
}
