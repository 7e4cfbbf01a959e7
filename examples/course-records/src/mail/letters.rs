//! The words of every message that the application sends. Where a letter answers a request that anybody can
//! make, its reader may be somebody who did not: it says so.

use super::Letter;

const NOT_YOU: &str = "If this was not you, you need not do anything.";

/// After registration: proves that the address belongs to the person.
pub(crate) fn verification(to: &str, name: &str, url: String) -> Letter {
    Letter::new(to, "Verify your e-mail address")
        .name(name)
        .says("Thank you for registering with Course Records.")
        .says("Please verify that this address is yours. Then you can sign in.")
        .link("Verify my address", url)
        .closes("The link works once, and for two days.")
        .closes(NOT_YOU)
}

/// Somebody asked for something that needs no doing: the account is there and its address verified.
pub(crate) fn account_exists(to: &str, name: &str, url: String) -> Letter {
    Letter::new(to, "You have an account already")
        .name(name)
        .says("Somebody wanted to register with this address, or to verify it. You can simply sign in.")
        .link("Sign in", url)
        .closes("If you do not know your password any more, you can reset it there.")
        .closes(NOT_YOU)
}

/// Somebody asked for a link, but there is no account.
pub(crate) fn no_account(to: &str, url: String) -> Letter {
    Letter::new(to, "There is no account with this address")
        .says("Somebody asked us for a message to this address, but it has no account with Course Records.")
        .says("Perhaps you registered with another address, or still want to register.")
        .link("Register", url)
        .closes(NOT_YOU)
}

pub(crate) fn reset(to: &str, name: &str, url: String) -> Letter {
    Letter::new(to, "Reset your password")
        .name(name)
        .says("Somebody asked for a new password for your account with Course Records.")
        .link("Choose a new password", url)
        .closes("The link works once, and for one hour. Until you use it, your old password stays.")
        .closes(NOT_YOU)
}

/// In place of a link: an administrator has closed the account.
pub(crate) fn deactivated(to: &str, name: &str) -> Letter {
    Letter::new(to, "Your account has been deactivated")
        .name(name)
        .says("Somebody asked for a link for your account with Course Records, but it has been deactivated.")
        .says("Please ask the administrator of your institution.")
}

pub(crate) struct Invitation<'a> {
    pub(crate) to: &'a str,
    pub(crate) inviter: &'a str,
    pub(crate) institution: &'a str,
    pub(crate) role: &'a str,
    /// Names of programs, separated by commas; may be empty.
    pub(crate) programs: &'a str,
}

pub(crate) fn invitation(invitation: &Invitation<'_>, url: String) -> Letter {
    let Invitation { to, inviter, institution, role, programs } = invitation;
    let of = if programs.is_empty() { String::new() } else { format!(" for {programs}") };
    Letter::new(to, format!("You are invited to {institution}"))
        .says(format!("{inviter} invites you to keep the course records of {institution} together."))
        .says(format!("Your role will be: {}{of}.", role.to_lowercase()))
        .link("Accept the invitation", url)
        .closes("The link works once, and for seven days.")
}

/// Once somebody can sign in for the first time.
pub(crate) fn welcome(to: &str, name: &str, institution: &str, url: String) -> Letter {
    Letter::new(to, "Welcome to Course Records")
        .name(name)
        .says(format!("Your account at {institution} is ready. You sign in with {to}."))
        .link("Sign in", url)
}

pub(crate) struct Reminder<'a> {
    pub(crate) to: &'a str,
    pub(crate) name: &'a str,
    pub(crate) sender: &'a str,
    pub(crate) section: &'a str,
    pub(crate) course: &'a str,
    pub(crate) assessments: i64,
    /// What the sender wants to say besides; may be empty.
    pub(crate) note: &'a str,
}

pub(crate) fn reminder(reminder: &Reminder<'_>, url: String) -> Letter {
    let Reminder { to, name, sender, section, course, assessments, note } = reminder;
    let so_far = match assessments {
        0 => "It has no assessments yet.".to_owned(),
        1 => "So far it has 1 assessment.".to_owned(),
        more => format!("So far it has {more} assessments."),
    };
    let letter = Letter::new(to, format!("Reminder: assessments of {section}"))
        .name(name)
        .says(format!("{sender} asks you to complete the assessments of {section}, {course}. {so_far}"));
    let letter = if note.is_empty() { letter } else { letter.says(*note) };
    letter.link("Open the section", url)
}
