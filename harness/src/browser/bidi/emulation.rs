//! What a page takes its surroundings to be, from Chromium's words into BiDi's.

use serde_json::{Value, json};

use super::Bidi;
use crate::browser::error::BrowserError;

impl Bidi {
    pub(super) async fn emulate(
        &self,
        page: &str,
        method: &'static str,
        params: &Value,
    ) -> Result<Value, BrowserError> {
        let missing = |what| Err(BrowserError::NotThere { what });
        let (command, change) = match method {
            // There is one window that has it, which is changed as it is needed.
            "Emulation.setFocusEmulationEnabled" => return Ok(json!({})),
            "Emulation.setDeviceMetricsOverride" if params["mobile"] == true => {
                return missing("`emulate().mobile`");
            }
            "Emulation.setDeviceMetricsOverride" => {
                let viewport = json!({ "width": params["width"], "height": params["height"] });
                let change = json!({
                    "context": page, "viewport": viewport, "devicePixelRatio": params["deviceScaleFactor"],
                });
                return self.wire.call("browsingContext.setViewport", change).await;
            }
            "Emulation.setLocaleOverride" => {
                ("emulation.setLocaleOverride", json!({ "locale": params["locale"] }))
            }
            "Emulation.setTimezoneOverride" => {
                ("emulation.setTimezoneOverride", json!({ "timezone": params["timezoneId"] }))
            }
            "Emulation.setGeolocationOverride" => {
                ("emulation.setGeolocationOverride", json!({ "coordinates": params }))
            }
            // A language comes with it, which is told by itself here.
            "Emulation.setUserAgentOverride" if params["userAgent"] == "" => return Ok(json!({})),
            "Emulation.setUserAgentOverride" => {
                ("emulation.setUserAgentOverride", json!({ "userAgent": params["userAgent"] }))
            }
            "Network.emulateNetworkConditions" => {
                if params["latency"].as_f64().is_some_and(|latency| latency > 0.0) {
                    return missing("`emulate().latency`");
                }
                if params["downloadThroughput"] != -1.0 || params["uploadThroughput"] != -1.0 {
                    return missing("`emulate().throughput`");
                }
                let offline = params["offline"] == true;
                let conditions = if offline { json!({ "type": "offline" }) } else { Value::Null };
                ("emulation.setNetworkConditions", json!({ "networkConditions": conditions }))
            }
            "Emulation.setScriptExecutionDisabled" => {
                let enabled = if params["value"] == true { json!(false) } else { Value::Null };
                ("emulation.setScriptingEnabled", json!({ "enabled": enabled }))
            }
            "Emulation.setEmulatedMedia" => {
                let is_of_colors = params["features"][0]["name"] == "prefers-color-scheme";
                return missing(if is_of_colors {
                    "`emulate().color_scheme`"
                } else {
                    "`emulate().reduced_motion`"
                });
            }
            _ => return missing(name(method)),
        };
        let mut change = change;
        change["contexts"] = json!([page]);
        match self.wire.call(command, change).await {
            Err(BrowserError::Refused { message, .. }) if message.starts_with("unknown command") => {
                missing(name(method))
            }
            answer => answer,
        }
    }
}

/// What a test has written.
fn name(method: &'static str) -> &'static str {
    match method {
        "Emulation.setTouchEmulationEnabled" => "`emulate().touch`",
        "Emulation.setCPUThrottlingRate" => "`emulate().slow_cpu`",
        "Emulation.setScriptExecutionDisabled" => "`emulate().javascript`",
        "Emulation.setLocaleOverride" => "`emulate().locale`",
        "Emulation.setTimezoneOverride" => "`emulate().time_zone`",
        "Emulation.setGeolocationOverride" => "`emulate().geolocation`",
        "Emulation.setUserAgentOverride" => "`emulate().user_agent`",
        "Network.emulateNetworkConditions" => "`emulate().offline`",
        method => method,
    }
}
