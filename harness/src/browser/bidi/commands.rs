//! Commands, from Chromium's words into BiDi's.

use std::time::Duration;

use serde_json::{Value, json};

use super::contexts::Outcome;
use super::script::gone;
use super::{Bidi, text};
use crate::browser::error::BrowserError;

/// How long a page may take to stop; one that is busy does not.
const STOP: Duration = Duration::from_secs(2);

impl Bidi {
    /// Does what a command says, of a page or of the browser.
    pub(in crate::browser) async fn perform(
        &self,
        page: Option<&str>,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        match page {
            Some(page) => self.perform_on(page, method, params).await,
            None => self.perform_at_all(method, params).await,
        }
    }

    async fn perform_at_all(&self, method: &'static str, params: Value) -> Result<Value, BrowserError> {
        match method {
            "Target.createBrowserContext" => {
                let prompts = json!({ "unhandledPromptBehavior": { "default": "ignore" } });
                let answer = self.wire.call("browser.createUserContext", prompts).await?;
                let context = text(&answer, "userContext");
                self.state().contexts.is_ours(&context);
                Ok(json!({ "browserContextId": context }))
            }
            "Target.disposeBrowserContext" => {
                let context = json!({ "userContext": params["browserContextId"] });
                self.wire.call("browser.removeUserContext", context).await
            }
            "Target.createTarget" => {
                // A window of its own: what is in another tab's shadow is not drawn, and has no frames to wait for.
                // The first of all needs none.
                let kind = if self.state().contexts.has_ours() { "window" } else { "tab" };
                let page = json!({ "type": kind, "userContext": params["browserContextId"] });
                let answer = self.wire.call("browsingContext.create", page).await?;
                Ok(json!({ "targetId": answer["context"] }))
            }
            "Target.closeTarget" => {
                let page = json!({ "context": params["targetId"], "promptUnload": false });
                self.wire.call("browsingContext.close", page).await.map_err(gone)
            }
            "Target.getTargets" => {
                let tree = self.wire.call("browsingContext.getTree", json!({ "maxDepth": 0 })).await?;
                let pages = tree["contexts"].as_array().map(Vec::as_slice).unwrap_or_default();
                let target = |page: &Value| json!({ "targetId": page["context"], "browserContextId": page["userContext"] });
                Ok(json!({ "targetInfos": pages.iter().map(target).collect::<Value>() }))
            }
            "Browser.getVersion" => self.wire.call("session.status", json!({})).await,
            "Browser.setDownloadBehavior" => self.keep_downloads(&params).await,
            "Browser.cancelDownload" => Err(BrowserError::NotThere { what: "to cancel a download" }),
            // A place may be asked for by every page: the browser is set so.
            "Target.setAutoAttach" | "Browser.grantPermissions" => Ok(json!({})),
            "Storage.getCookies" => self.cookies(&params).await,
            "Storage.setCookies" => self.set_cookies(&params).await,
            "Storage.clearCookies" => {
                let all = json!({ "partition": super::storage::partition(&params) });
                self.wire.call("storage.deleteCookies", all).await
            }
            _ => Err(BrowserError::NotThere { what: method }),
        }
    }

    async fn perform_on(
        &self,
        page: &str,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        match method {
            "Runtime.evaluate" => self.evaluate(page, &params).await,
            "Runtime.callFunctionOn" => self.call_function(page, &params).await,
            "DOM.describeNode" => self.describe(&params).await,
            "DOM.resolveNode" => self.resolve(&params),
            "DOM.setFileInputFiles" => self.set_files(&params).await,
            "Input.insertText" => self.insert(page, &params).await,
            "Page.navigate" => self.navigate(page, &params).await,
            "Page.reload" => {
                self.stopped(page).await;
                let reload = json!({ "context": page, "wait": "none" });
                self.wire.call_patiently("browsingContext.reload", reload).await.map_err(gone)
            }
            "Page.stopLoading" => {
                let _stopping = self.state().contexts.stops(page);
                self.ask_script(page, true, "() => window.stop()", &[]).await
            }
            // Nothing is told of the history but its pages around this one, and whether they are there is seen on the way.
            "Page.getNavigationHistory" => {
                Ok(json!({ "currentIndex": 1, "entries": [{ "id": -1 }, { "id": 0 }, { "id": 1 }] }))
            }
            "Page.navigateToHistoryEntry" => self.travel(page, &params["entryId"]).await,
            "Page.handleJavaScriptDialog" => {
                let mut answer = json!({
                    "context": self.state().contexts.with_dialog(page), "accept": params["accept"],
                });
                if params["promptText"].is_string() {
                    answer["userText"] = params["promptText"].clone();
                }
                self.wire.call("browsingContext.handleUserPrompt", answer).await
            }
            "Page.captureScreenshot" => self.picture(page, &params).await,
            "Page.getLayoutMetrics" => {
                const METRICS: &str = "() => ({ clientWidth: innerWidth, clientHeight: innerHeight, pageX: scrollX, pageY: scrollY })";
                let metrics = self.ask_script(page, true, METRICS, &[]).await?;
                Ok(json!({ "cssVisualViewport": metrics }))
            }
            "Page.addScriptToEvaluateOnNewDocument" => self.add_script(page, &params).await,
            "Page.removeScriptToEvaluateOnNewDocument" => {
                let script = json!({ "script": params["identifier"] });
                self.wire.call("script.removePreloadScript", script).await
            }
            "Page.setLifecycleEventsEnabled" => {
                self.state().contexts.want_idle(page);
                self.look_for_idle_of(page);
                Ok(json!({}))
            }
            "Runtime.runIfWaitingForDebugger" => {
                if self.state().contexts.has_opener(page) {
                    // Where it was sent by who opened it is known then.
                    let _ = self.ask_script(page, true, "() => 0", &[]).await;
                }
                self.release(page);
                Ok(json!({}))
            }
            "Network.getResponseBody" => self.body(&params).await,
            "Network.setCacheDisabled" => {
                let behavior = if params["cacheDisabled"] == true { "bypass" } else { "default" };
                let cache = json!({ "cacheBehavior": behavior, "contexts": [page] });
                self.wire.call("network.setCacheBehavior", cache).await
            }
            "Fetch.enable" => self.hold(page).await,
            "Fetch.disable" => self.hold_no_more(page).await,
            _ if method.starts_with("Fetch.") => self.decide(page, method, &params).await,
            // It is told anyway.
            "Page.enable" | "Runtime.enable" | "Network.enable" | "Log.enable" | "Target.setAutoAttach" => {
                Ok(json!({}))
            }
            // The mouse drags as a person's does.
            "Input.setInterceptDrags" => Ok(json!({})),
            "Accessibility.getFullAXTree" => Err(BrowserError::NotThere { what: "the accessibility tree" }),
            "Page.startScreencast" => Err(BrowserError::NotThere { what: "a film of the page" }),
            _ if method.starts_with("Emulation.") || method == "Network.emulateNetworkConditions" => {
                self.emulate(page, method, &params).await
            }
            _ => Err(BrowserError::NotThere { what: method }),
        }
    }

    /// Waits until what a page was loading is stopped, or it would stop what comes next.
    async fn stopped(&self, page: &str) {
        let stopping = self.state().contexts.stopping(page);
        if let Some(mut stopping) = stopping {
            let _ = tokio::time::timeout(STOP, stopping.changed()).await;
        }
    }

    async fn navigate(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        self.stopped(page).await;
        let becomes = self.state().contexts.going(page);
        let going = json!({ "context": page, "url": params["url"], "wait": "none" });
        let sent = self.wire.call_patiently("browsingContext.navigate", going);
        let outcome = tokio::select! {
            biased;
            Ok(outcome) = becomes => outcome,
            answer = sent => match answer {
                Ok(answer) => Outcome::Document(text(&answer, "navigation")),
                Err(BrowserError::Refused { message, .. }) if !message.starts_with("invalid argument") => {
                    Outcome::Failed(super::network::word_in(&message), String::new())
                }
                Err(error) => return Err(error),
            },
        };
        Ok(match outcome {
            Outcome::Document(loader) => json!({ "frameId": page, "loaderId": loader }),
            Outcome::Within => json!({ "frameId": page }),
            Outcome::Download(loader) => {
                json!({ "loaderId": loader, "errorText": "net::ERR_ABORTED", "isDownload": true })
            }
            Outcome::Failed(word, loader) => {
                json!({ "loaderId": loader, "errorText": format!("net::{word}") })
            }
        })
    }

    /// To another place of the same document the browser goes without a word.
    async fn travel(&self, page: &str, by: &Value) -> Result<Value, BrowserError> {
        self.stopped(page).await;
        let before = self.state().contexts.moves(page);
        let travel = json!({ "context": page, "delta": by });
        let answer = self.wire.call_patiently("browsingContext.traverseHistory", travel).await?;
        let url = self.ask_script(page, true, "() => location.href", &[]).await;
        if let Ok(Value::String(url)) = url
            && self.state().contexts.moves(page) == before
        {
            let told = json!({ "frameId": page, "url": url });
            self.tell_of_page((Some(page.to_owned()), "Page.navigatedWithinDocument", told));
        }
        Ok(answer)
    }

    async fn picture(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        let mut picture = json!({ "context": page, "origin": "viewport" });
        if let Some(clip) = params.get("clip") {
            picture["origin"] = "document".into();
            picture["clip"] = json!({
                "type": "box", "x": clip["x"], "y": clip["y"], "width": clip["width"], "height": clip["height"],
            });
        }
        self.wire.call("browsingContext.captureScreenshot", picture).await.map_err(gone)
    }

    async fn add_script(&self, page: &str, params: &Value) -> Result<Value, BrowserError> {
        // Our world is there in every document.
        if params["worldName"].is_string() {
            return Ok(json!({}));
        }
        let function = format!("() => {{ {} }}", params["source"].as_str().unwrap_or_default());
        let script = json!({ "functionDeclaration": function, "contexts": [page] });
        let answer = self.wire.call("script.addPreloadScript", script).await?;
        Ok(json!({ "identifier": answer["script"] }))
    }

    async fn body(&self, params: &Value) -> Result<Value, BrowserError> {
        let name = self.state().exchanges.name(&text(params, "requestId"));
        let data = json!({ "dataType": "response", "request": name });
        let answer = self.wire.call("network.getData", data).await?;
        let bytes = &answer["bytes"];
        Ok(json!({ "body": bytes["value"], "base64Encoded": bytes["type"] == "base64" }))
    }
}
