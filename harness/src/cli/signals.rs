//! The signals by which a run is asked to end.

use tokio::sync::mpsc::{self, UnboundedSender};

/// Says something whenever the run is to end early: Ctrl-C, or a polite signal to end. From the call on, and not only from the
/// first look at the result, such a signal does not end the process by itself. Must be called on a runtime.
pub(super) fn interruptions() -> mpsc::UnboundedReceiver<()> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tell(&sender);
    receiver
}

/// Ctrl-C, a polite signal to end, a terminal that was closed.
#[cfg(unix)]
fn tell(sender: &UnboundedSender<()>) {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    for mut signals in kinds.into_iter().filter_map(|kind| signal(kind).ok()) {
        let sender = sender.clone();
        tokio::spawn(async move { while signals.recv().await.is_some() && sender.send(()).is_ok() {} });
    }
}

/// Ctrl-C, Ctrl-Break, a window that is closed, a user who logs off, a machine that shuts down. After the last three the system
/// ends the process a few seconds later, and with it all that it has started.
#[cfg(windows)]
fn tell(sender: &UnboundedSender<()>) {
    use tokio::signal::windows;
    macro_rules! tell {
        ($($kind:ident),*) => {$(
            if let Ok(mut signals) = windows::$kind() {
                let sender = sender.clone();
                tokio::spawn(async move { while signals.recv().await.is_some() && sender.send(()).is_ok() {} });
            }
        )*};
    }
    tell!(ctrl_c, ctrl_break, ctrl_close, ctrl_logoff, ctrl_shutdown);
}
