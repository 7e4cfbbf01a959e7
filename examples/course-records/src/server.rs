//! The web server: routes, request log, start and stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::auth::login;
use crate::campus::Campus;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::links::Links;
use crate::mail::Mailer;
use crate::{api, pages, registration};

/// How long requests may take to finish after the server was told to stop.
const GRACE: Duration = Duration::from_secs(3);
/// Everything is our own: no scripts, styles or frames from elsewhere.
const CONTENT_POLICY: &str = "default-src 'self'; img-src 'self' data:; base-uri 'none'; \
                              form-action 'self'; frame-ancestors 'none'";

#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    #[error("port {port} on {host} is already in use; choose another one with --port")]
    PortInUse { host: String, port: u16 },
    #[error("cannot listen on {host} port {port}")]
    Listen { host: String, port: u16, source: io::Error },
    #[error("cannot serve")]
    Serve(#[source] io::Error),
}

/// What every request needs.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) db: Db,
    pub(crate) session_hours: u32,
    pub(crate) mailer: Mailer,
    /// For messages.
    pub(crate) links: Links,
    /// How long nobody is reminded of the same section again.
    pub(crate) reminder_minutes: u32,
    /// The campus directory, where there is one.
    pub(crate) campus: Option<Campus>,
}

/// Port 0 lets the system choose one.
pub(crate) async fn listen(host: &str, port: u16) -> Result<(TcpListener, SocketAddr), ServeError> {
    let listener = TcpListener::bind((host, port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse { host: host.to_owned(), port },
        _ => ServeError::Listen { host: host.to_owned(), port, source },
    })?;
    let address = listener.local_addr().map_err(ServeError::Serve)?;
    Ok((listener, address))
}

/// Serves until SIGTERM or SIGINT. The line on standard output says at which address.
pub(crate) async fn serve(
    routes: Router,
    listener: TcpListener,
    address: SocketAddr,
) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Serve)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Serve)?;
    announce(address);

    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let serving = axum::serve(listener, routes).with_graceful_shutdown(async {
        // An error means that the sender is gone, which is a reason to stop as well.
        let _ = stopping.await;
    });
    let mut server = tokio::spawn(serving.into_future());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        ended = &mut server => return ended.map_err(io::Error::other).flatten().map_err(ServeError::Serve),
    }
    tracing::info!("stopping");
    drop(stop);
    if let Ok(ended) = tokio::time::timeout(GRACE, server).await {
        ended.map_err(io::Error::other).flatten().map_err(ServeError::Serve)?;
    } else {
        tracing::warn!("gave up on requests that took longer than {GRACE:?}");
    }
    tracing::info!("stopped");
    Ok(())
}

/// The one line on standard output. Whoever reads it no more must not end the server.
fn announce(address: SocketAddr) {
    let mut stdout = io::stdout();
    let _ = writeln!(stdout, "listening on http://{address}");
    let _ = stdout.flush();
}

/// The application.
pub(crate) fn router(app: App) -> Router {
    Router::new()
        .merge(pages::router(&app))
        .merge(api::router(&app))
        .route("/login", get(login::show).post(login::sign_in))
        .merge(registration::router())
        .route("/logout", post(login::sign_out))
        .route("/health", get(health))
        .merge(pages::assets::router())
        .fallback(pages::not_found)
        .layer(middleware::from_fn(add_headers))
        .layer(middleware::from_fn(log_request))
        .with_state(app)
}

/// Runs what must not stop halfway although the browser went away meanwhile, such as what follows a message that
/// was sent.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    tokio::spawn(work).await.map_err(Error::internal)?
}

/// Healthy means that the database answers, not only that the port does.
async fn health(State(app): State<App>) -> Response {
    let answer = app
        .db
        .read(|db| Ok(db.query_row("SELECT count(*) FROM institutions", [], |row| row.get::<_, i64>(0))?))
        .await;
    match answer {
        Ok(_) => Json(json!({ "status": "ok", "database": "ok" })).into_response(),
        Err(error) => {
            error.log();
            let body = json!({ "status": "unavailable", "database": "not answering" });
            (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
        }
    }
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    // What a signed-in person saw must not come back from a cache after they signed out.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Method, path, status and time. The query string and all headers stay out: they may hold secrets.
async fn log_request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    let ms = start.elapsed().as_secs_f64() * 1000.0;
    tracing::info!("{method} {path} {} {ms:.1} ms", response.status().as_u16());
    response
}
