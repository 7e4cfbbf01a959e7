//! The mail server of a slot, where the configuration asks for one.

use crate::config::{self, Config};
use crate::mail::{Bound, MailError, Settings};
use crate::slots::Slot;

/// Takes its port. The certificate of STARTTLS is then in the slot's folder, for applications that insist on knowing it.
pub(super) fn bind(config: &Config, slot: &Slot) -> Result<Option<Bound>, MailError> {
    let Some(mail) = &config.mail else { return Ok(None) };
    let bound = Bound::new(settings(mail, slot))?;
    #[cfg(feature = "mail-tls")]
    if let Some(certificate) = bound.certificate() {
        let written = std::fs::create_dir_all(slot.dir())
            .and_then(|()| std::fs::write(slot.dir().join("mail.pem"), certificate));
        written.map_err(MailError::certificate)?;
    }
    Ok(Some(bound))
}

fn settings(mail: &config::Mail, slot: &Slot) -> Settings {
    // The configuration was checked to have a port of this name.
    let mut settings = Settings::default().port(slot.named_port(&mail.port).unwrap_or_default());
    if let Some((username, password)) = &mail.credentials {
        settings = settings.credentials(username, password);
    }
    if let Some(bytes) = mail.max_message_size {
        settings = settings.max_message_size(bytes);
    }
    if let Some(timeout) = mail.timeout {
        settings = settings.timeout(timeout);
    }
    #[cfg(feature = "mail-tls")]
    let settings = settings.tls(mail.tls);
    settings
}
