//! The templates of pages and messages. They are part of the program.

use std::sync::LazyLock;

use minijinja::{Environment, Value};

use crate::error::{Error, Result};
use crate::faults;

static TEMPLATES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.add_global("faults", faults::names_on());
    for (name, source) in [
        ("base.html", include_str!("templates/base.html")),
        ("dashboard.html", include_str!("templates/dashboard.html")),
        ("error.html", include_str!("templates/error.html")),
        ("fields.html", include_str!("templates/fields.html")),
        ("form.html", include_str!("templates/form.html")),
        ("invite.html", include_str!("templates/invite.html")),
        ("letter.html", include_str!("templates/letter.html")),
        ("letter.txt", include_str!("templates/letter.txt")),
        ("list.html", include_str!("templates/list.html")),
        ("login.html", include_str!("templates/login.html")),
        ("profile.html", include_str!("templates/profile.html")),
        ("remind.html", include_str!("templates/remind.html")),
        ("section.html", include_str!("templates/section.html")),
        ("table.html", include_str!("templates/table.html")),
        ("transfer.html", include_str!("templates/transfer.html")),
    ] {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// Renders a template. Where its name ends in `.html`, every value is escaped.
pub(crate) fn render(name: &str, values: Value) -> Result<String> {
    let environment = TEMPLATES.as_ref().map_err(|error| Error::internal(error.to_string()))?;
    let text = environment.get_template(name).and_then(|template| template.render(values));
    text.map_err(|error| Error::internal(format!("{error:#}")))
}
