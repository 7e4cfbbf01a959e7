//! Downloads: where their files go, and what is told of them.

use serde_json::{Value, json};

use super::contexts::Outcome;
use super::{Bidi, State, Told, text};
use crate::browser::error::BrowserError;

/// The folder of downloads that are under way, in the one where they are wanted.
const INCOMING: &str = "incoming";

impl Bidi {
    /// `Browser.setDownloadBehavior`
    pub(super) async fn keep_downloads(&self, params: &Value) -> Result<Value, BrowserError> {
        let (context, folder) = (text(params, "browserContextId"), text(params, "downloadPath"));
        let folder = std::path::absolute(&folder).unwrap_or_else(|_| folder.into());
        self.state().downloads.insert(context.clone(), folder.clone());
        // It would give a file another name where there is one of its name already.
        let folder = folder.join(INCOMING);
        let _ = std::fs::create_dir_all(&folder);
        let behavior = json!({
            "downloadBehavior": { "type": "allowed", "destinationFolder": folder }, "userContexts": [context],
        });
        self.wire.call("browser.setDownloadBehavior", behavior).await
    }
}

impl State {
    pub(super) fn hear_download(&mut self, event: &str, context: &str, params: &Value) -> Vec<Told> {
        let navigation = text(params, "navigation");
        if event == "downloadWillBegin" {
            let download = || Outcome::Download(navigation.clone());
            self.contexts.gone(context, &navigation, download);
            let told = json!({
                "frameId": context, "guid": navigation, "url": params["url"],
                "suggestedFilename": params["suggestedFilename"],
            });
            let page = self.contexts.page_of(context);
            return vec![
                (None, "Browser.downloadWillBegin", told),
                (Some(page), "Page.frameStoppedLoading", json!({ "frameId": context })),
            ];
        }
        let mut told =
            json!({ "guid": navigation, "state": "canceled", "receivedBytes": 0, "totalBytes": 0 });
        if params["status"] == "complete" {
            let folder = self.downloads.get(&self.contexts.user_context(context));
            let file = std::path::PathBuf::from(text(params, "filepath"));
            let bytes = std::fs::metadata(&file).map_or(0, |about| about.len());
            // It is looked for by the name of the download.
            let is_there = folder.is_some_and(|folder| {
                let is_moved = std::fs::rename(&file, folder.join(&navigation)).is_ok();
                // Unless another one is under way.
                let _ = std::fs::remove_dir(folder.join(INCOMING));
                is_moved
            });
            told["state"] = if is_there { "completed" } else { "canceled" }.into();
            told["receivedBytes"] = bytes.into();
            told["totalBytes"] = bytes.into();
        }
        vec![(None, "Browser.downloadProgress", told)]
    }
}
