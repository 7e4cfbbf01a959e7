//! What a page takes its surroundings to be: the size of its window, the language, the place, the network.

use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::time::Duration;

use serde_json::{Value, json};

use super::awaited::LONG;
use super::error::BrowserError;
use super::locator::action::Going;
use super::locator::{Doing, Why};
use super::session::Session;

/// Light or dark, as the system is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColorScheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What a page is going to take its surroundings to be: from when this is awaited, as long as the page is open. Of what is said
/// twice, the last counts; what is not said stays as it is.
///
/// ```no_run
/// # async fn looks(session: &callboard::Session) -> callboard::TestResult {
/// use callboard::page::ColorScheme;
///
/// session.emulate().viewport(390, 844).device_scale(3.0).mobile(true).touch(true).await?;
/// session.emulate().locale("de-DE").time_zone("Europe/Berlin").color_scheme(ColorScheme::Dark).await?;
/// session.goto("/courses").await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is emulated until this is awaited"]
pub struct Emulate {
    session: Session,
    location: &'static Location<'static>,
    change: Emulation,
}

/// What was said so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Emulation {
    viewport: Option<(u32, u32)>,
    scale: Option<f64>,
    mobile: Option<bool>,
    touch: Option<bool>,
    locale: Option<String>,
    time_zone: Option<String>,
    color_scheme: Option<ColorScheme>,
    reduced_motion: Option<bool>,
    geolocation: Option<(f64, f64, f64)>,
    offline: Option<bool>,
    latency: Option<Duration>,
    download: Option<f64>,
    upload: Option<f64>,
    cpu: Option<f64>,
    user_agent: Option<String>,
    javascript: Option<bool>,
}

impl Session {
    /// Changes what this page takes its surroundings to be: see [`Emulate`]. Other pages of the session are not
    /// touched by it, except that all of them may ask for the place.
    #[track_caller]
    pub fn emulate(&self) -> Emulate {
        Emulate { session: self.clone(), location: Location::caller(), change: Emulation::default() }
    }
}

impl Emulate {
    /// The size of the window, in CSS pixels. Default: 1280 × 720.
    pub fn viewport(mut self, width: u32, height: u32) -> Self {
        self.change.viewport = Some((width, height));
        self
    }

    /// How many pixels of the screen a CSS pixel has. Default: 1.
    pub fn device_scale(mut self, scale: f64) -> Self {
        self.change.scale = Some(scale);
        self
    }

    /// Whether it is a device that obeys `<meta name="viewport">`. Default: not.
    pub fn mobile(mut self, mobile: bool) -> Self {
        self.change.mobile = Some(mobile);
        self
    }

    /// Whether it can be touched. Default: not.
    pub fn touch(mut self, touch: bool) -> Self {
        self.change.touch = Some(touch);
        self
    }

    /// The language, with its formats of numbers and dates: `de-DE`. It is told to servers, too.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.change.locale = Some(locale.into());
        self
    }

    /// The time zone: `Europe/Berlin`.
    pub fn time_zone(mut self, time_zone: impl Into<String>) -> Self {
        self.change.time_zone = Some(time_zone.into());
        self
    }

    /// What `prefers-color-scheme` is.
    pub fn color_scheme(mut self, scheme: ColorScheme) -> Self {
        self.change.color_scheme = Some(scheme);
        self
    }

    /// Whether `prefers-reduced-motion` is `reduce`.
    pub fn reduced_motion(mut self, reduced: bool) -> Self {
        self.change.reduced_motion = Some(reduced);
        self
    }

    /// Where the device is, in degrees, to 10 m; pages may ask for it without a question.
    pub fn geolocation(mut self, latitude: f64, longitude: f64) -> Self {
        self.change.geolocation = Some((latitude, longitude, 10.0));
        self
    }

    /// Whether there is no network.
    pub fn offline(mut self, offline: bool) -> Self {
        self.change.offline = Some(offline);
        self
    }

    /// At least so long from a request to its answer.
    pub fn latency(mut self, latency: Duration) -> Self {
        self.change.latency = Some(latency);
        self
    }

    /// At most so many bytes come and go in a second.
    pub fn throughput(mut self, down: u32, up: u32) -> Self {
        (self.change.download, self.change.upload) = (Some(f64::from(down)), Some(f64::from(up)));
        self
    }

    /// The page is so many times as slow as this machine: 4.0.
    pub fn slow_cpu(mut self, times: f64) -> Self {
        self.change.cpu = Some(times);
        self
    }

    /// What the browser calls itself.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.change.user_agent = Some(user_agent.into());
        self
    }

    /// Whether the page's own scripts run, from the next document on. Without them thirtyfour, locators and expectations go on
    /// to work.
    pub fn javascript(mut self, enabled: bool) -> Self {
        self.change.javascript = Some(enabled);
        self
    }
}

impl IntoFuture for Emulate {
    type Output = Result<(), super::locator::PageError>;
    type IntoFuture = Going<()>;

    fn into_future(self) -> Going<()> {
        let Self { session, location, change } = self;
        let doing = Doing { what: format!("emulate {change}").into(), limit: LONG, location };
        Box::pin(async move { apply(&session, change).await.map_err(|why| doing.failed(why)) })
    }
}

/// Several of them are told in one command, so that the others have to be said again.
async fn apply(session: &Session, change: Emulation) -> Result<(), Why> {
    let all = session.emulation().clone().with(change.clone());
    let commands = all.commands(&change);
    if let Some((latitude, longitude, _)) = change.geolocation {
        if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
            return Err(Why::Other("a latitude is from -90 to 90, a longitude from -180 to 180".to_owned()));
        }
        let context = &session.family().context.id;
        let grant = json!({ "permissions": ["geolocation"], "browserContextId": context });
        session.connection().cdp.call("Browser.grantPermissions", grant).await.map_err(Why::Browser)?;
    }
    let page = session.tab().page();
    for (kind, example, name, is_one) in [
        ("time zone", "Europe/Berlin", &change.time_zone, "new Intl.DateTimeFormat('en', { timeZone: it })"),
        ("locale", "de-DE", &change.locale, "new Intl.DateTimeFormat(it)"),
    ] {
        let Some(name) = name else { continue };
        // The browser takes any.
        let script = format!(
            "((it) => {{ try {{ {is_one}; return true }} catch {{ return false }} }})({})",
            json!(name)
        );
        if page.evaluate(&script).await.map_err(Why::Browser)? == false {
            return Err(Why::Other(format!("`{name}` is no {kind}; write one such as `{example}`")));
        }
    }
    let sending = commands.into_iter().map(|(method, params)| page.call(method, params));
    futures_util::future::try_join_all(sending).await.map_err(|error| match error {
        BrowserError::Refused { message, .. } => Why::Other(format!("the browser refuses it: {message}")),
        error => Why::Browser(error),
    })?;
    *session.emulation() = all;
    Ok(())
}

impl Emulation {
    fn with(self, change: Self) -> Self {
        Self {
            viewport: change.viewport.or(self.viewport),
            scale: change.scale.or(self.scale),
            mobile: change.mobile.or(self.mobile),
            touch: change.touch.or(self.touch),
            locale: change.locale.or(self.locale),
            time_zone: change.time_zone.or(self.time_zone),
            color_scheme: change.color_scheme.or(self.color_scheme),
            reduced_motion: change.reduced_motion.or(self.reduced_motion),
            geolocation: change.geolocation.or(self.geolocation),
            offline: change.offline.or(self.offline),
            latency: change.latency.or(self.latency),
            download: change.download.or(self.download),
            upload: change.upload.or(self.upload),
            cpu: change.cpu.or(self.cpu),
            user_agent: change.user_agent.or(self.user_agent),
            javascript: change.javascript.or(self.javascript),
        }
    }

    /// The browser's commands for what has changed.
    fn commands(&self, change: &Self) -> Vec<(&'static str, Value)> {
        let mut commands = Vec::new();
        if change.viewport.is_some() || change.scale.is_some() || change.mobile.is_some() {
            let (width, height) = self.viewport.unwrap_or(super::VIEWPORT);
            let metrics = json!({
                "width": width,
                "height": height,
                "deviceScaleFactor": self.scale.unwrap_or(1.0),
                "mobile": self.mobile.unwrap_or_default(),
            });
            commands.push(("Emulation.setDeviceMetricsOverride", metrics));
        }
        if let Some(touch) = change.touch {
            commands.push(("Emulation.setTouchEmulationEnabled", json!({ "enabled": touch })));
        }
        if let Some(locale) = &change.locale {
            commands.push(("Emulation.setLocaleOverride", json!({ "locale": locale })));
        }
        if let Some(time_zone) = &change.time_zone {
            commands.push(("Emulation.setTimezoneOverride", json!({ "timezoneId": time_zone })));
        }
        if change.color_scheme.is_some() || change.reduced_motion.is_some() {
            commands.push(("Emulation.setEmulatedMedia", json!({ "features": self.media() })));
        }
        if let Some((latitude, longitude, accuracy)) = change.geolocation {
            let place = json!({ "latitude": latitude, "longitude": longitude, "accuracy": accuracy });
            commands.push(("Emulation.setGeolocationOverride", place));
        }
        let is_network = change.latency.is_some() || change.download.is_some();
        if change.offline.is_some() || is_network {
            let network = json!({
                "offline": self.offline.unwrap_or_default(),
                "latency": self.latency.unwrap_or_default().as_secs_f64() * 1000.0,
                "downloadThroughput": self.download.unwrap_or(-1.0),
                "uploadThroughput": self.upload.unwrap_or(-1.0),
            });
            commands.push(("Network.emulateNetworkConditions", network));
        }
        if let Some(rate) = change.cpu {
            commands.push(("Emulation.setCPUThrottlingRate", json!({ "rate": rate })));
        }
        if change.user_agent.is_some() || change.locale.is_some() {
            let mut agent = json!({ "userAgent": self.user_agent.as_deref().unwrap_or_default() });
            if let Some(locale) = &self.locale {
                agent["acceptLanguage"] = locale.as_str().into();
            }
            commands.push(("Emulation.setUserAgentOverride", agent));
        }
        if let Some(enabled) = change.javascript {
            commands.push(("Emulation.setScriptExecutionDisabled", json!({ "value": !enabled })));
        }
        commands
    }

    fn media(&self) -> Vec<Value> {
        let mut features = Vec::new();
        if let Some(scheme) = self.color_scheme {
            let value = if scheme == ColorScheme::Dark { "dark" } else { "light" };
            features.push(json!({ "name": "prefers-color-scheme", "value": value }));
        }
        if let Some(reduced) = self.reduced_motion {
            let value = if reduced { "reduce" } else { "no-preference" };
            features.push(json!({ "name": "prefers-reduced-motion", "value": value }));
        }
        features
    }
}

impl fmt::Display for Emulation {
    /// `viewport, locale`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let network = self.offline.is_some() || self.latency.is_some() || self.download.is_some();
        let said = [
            ("viewport", self.viewport.is_some()),
            ("device scale", self.scale.is_some()),
            ("mobile", self.mobile.is_some()),
            ("touch", self.touch.is_some()),
            ("locale", self.locale.is_some()),
            ("time zone", self.time_zone.is_some()),
            ("colour scheme", self.color_scheme.is_some()),
            ("reduced motion", self.reduced_motion.is_some()),
            ("geolocation", self.geolocation.is_some()),
            ("network", network),
            ("slow CPU", self.cpu.is_some()),
            ("user agent", self.user_agent.is_some()),
            ("JavaScript", self.javascript.is_some()),
        ];
        let said: Vec<&str> =
            said.into_iter().filter(|(_, is_said)| *is_said).map(|(what, _)| what).collect();
        f.write_str(if said.is_empty() { "nothing" } else { "" })?;
        f.write_str(&said.join(", "))
    }
}

impl fmt::Debug for Emulate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Emulate({})", self.change)
    }
}
