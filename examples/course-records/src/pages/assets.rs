//! The files that pages load: style, scripts, icon. They are part of the program.

use std::hash::{DefaultHasher, Hash, Hasher};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const ICON: (&str, &str, &str) = ("favicon.svg", "image/svg+xml", include_str!("../static/favicon.svg"));
const SCRIPT: &str = "text/javascript; charset=utf-8";
const FILES: [(&str, &str, &str); 11] = [
    ("app.css", "text/css; charset=utf-8", include_str!("../static/app.css")),
    ("api.js", SCRIPT, include_str!("../static/api.js")),
    ("dashboard.js", SCRIPT, include_str!("../static/dashboard.js")),
    ("dialog.js", SCRIPT, include_str!("../static/dialog.js")),
    ("fields.js", SCRIPT, include_str!("../static/fields.js")),
    ("invite.js", SCRIPT, include_str!("../static/invite.js")),
    ("profile.js", SCRIPT, include_str!("../static/profile.js")),
    ("remind.js", SCRIPT, include_str!("../static/remind.js")),
    ("table.js", SCRIPT, include_str!("../static/table.js")),
    ("transfer.js", SCRIPT, include_str!("../static/transfer.js")),
    ICON,
];

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(
            "/static/{name}",
            get(|Path(name): Path<String>, headers: HeaderMap| async move { answer(&name, &headers) }),
        )
        .route("/favicon.ico", get(|headers: HeaderMap| async move { answer(ICON.0, &headers) }))
}

/// Browsers may keep a file but ask whether it is still the same, which after an update it may not be.
fn answer(name: &str, headers: &HeaderMap) -> Response {
    let Some((_, media_type, content)) = FILES.iter().find(|(file, ..)| *file == name) else {
        return super::PageError::from(crate::error::Error::NotFound("file")).into_response();
    };
    let tag = tag(content);
    let caching = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "no-cache".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, caching).into_response();
    }
    (caching, [(header::CONTENT_TYPE, *media_type)], *content).into_response()
}

fn tag(content: &str) -> String {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}
