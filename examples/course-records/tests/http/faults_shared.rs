//! The planted faults that need two servers which share a campus directory, as two slots do.

use serde_json::json;

use crate::campus::{create_term, create_user, offer, rename_course, revision};
use crate::client::{PASSWORD, Server};
use crate::directory::Directory;
use crate::site::Site;

fn shared(fault: &str) -> (Directory, [Server; 2]) {
    let arguments: &[&str] = if fault.is_empty() { &[] } else { &["--fault", fault] };
    let directory = Directory::start_with(arguments);
    let servers = [directory.server(arguments), directory.server(arguments)];
    (directory, servers)
}

/// Registers and verifies somebody who then forgets the password. Returns the status of choosing a new one.
/// `meanwhile` is what happens elsewhere between the two.
async fn registration(directory: &Directory, fault: &[&str], meanwhile: impl AsyncFnOnce()) -> u16 {
    const IDA: &str = "ida@example.test";
    let place = ["--directory", &directory.url];
    let site = Site::start_with(&[&place, fault].concat()).await;
    let link = site.registered(IDA).await;
    meanwhile().await;
    let mut person = site.server.anonymous();
    assert_eq!(person.send_form(&link, "verify", &[]).await.status, 200);
    assert_eq!(site.sign_in(IDA, PASSWORD).await.0, 200);
    person.send_form("/forgot-password", "forgot", &[("email", IDA)]).await;
    let link = site.message(IDA, "Reset your password").await.link("Choose a new password").expect("a link");
    person.send_form(&link, "reset", &[("password", "a new password")]).await.status
}

#[tokio::test]
async fn registration_race() {
    let fault: &[&str] = &["--fault", "registration-race"];
    for (arguments, others, expected) in [(&[][..], true, 200), (fault, false, 200), (fault, true, 409)] {
        let directory = Directory::start();
        let elsewhere = directory.server(arguments);
        let admin = elsewhere.sign_in("institution_admin").await;
        let status = registration(&directory, arguments, async || {
            if others {
                assert_eq!(create_user(&admin, "other@example.test").await.0, 201);
            }
        })
        .await;
        assert_eq!(status, expected, "with {arguments:?}, others: {others}");
    }
}

#[tokio::test]
async fn registrations_at_once_take_numbers_of_their_own_unless_they_race() {
    for (arguments, collisions) in [(&[][..], 0), (&["--fault", "registration-race"], 3)] {
        let directory = Directory::start();
        let mut running = Vec::new();
        for _ in 0..4 {
            let place = ["--directory", &directory.url];
            running.push(Site::start_with(&[&place, arguments].concat()).await);
        }
        let registered = running.iter().enumerate().map(async |(number, site)| {
            let email = format!("racer{number}@example.test");
            (site.registered(&email).await, email)
        });
        // All of them are under way before the first one goes on.
        let mut links = Vec::new();
        for registration in registered {
            links.push(registration.await);
        }
        let mut refused = 0;
        for (site, (link, email)) in running.iter().zip(links) {
            let mut person = site.server.anonymous();
            person.send_form(&link, "verify", &[]).await;
            person.send_form("/forgot-password", "forgot", &[("email", &email)]).await;
            let reset = site.message(&email, "Reset").await.link("Choose a new password").expect("a link");
            let page = person.send_form(&reset, "reset", &[("password", "a new password")]).await;
            refused += u32::from(page.status == 409);
        }
        assert_eq!(refused, collisions, "with {arguments:?}");
    }
}

#[tokio::test]
async fn calendar_for_all() {
    for (fault, elsewhere) in [("", 201), ("calendar-for-all", 409)] {
        let (_directory, [one, two]) = shared(fault);
        let admin = two.sign_in_as("institution_admin_worker1@example.test").await;
        assert_eq!(offer(&admin, "SUR1", "Fall 2026").await.0, 201, "before");
        assert_eq!(create_term(&one.sign_in("institution_admin").await, "Winter").await.0, 201);
        assert_eq!(offer(&admin, "SUR2", "Fall 2026").await.0, elsewhere, "after, {fault}");
    }
}

#[tokio::test]
async fn shared_revision() {
    for (fault, expected) in [("", 200), ("shared-revision", 409)] {
        let (_directory, [one, two]) = shared(fault);
        let admin = one.sign_in("institution_admin").await;
        let other = two.sign_in_as("institution_admin_worker1@example.test").await;
        let seen = revision(&admin).await;
        assert_eq!(rename_course(&other, "CS101", "Theirs", &revision(&other).await).await, 200);
        assert_eq!(rename_course(&admin, "CS101", "Mine", &seen).await, expected, "{fault}");
        assert_eq!(
            rename_course(&admin, "CS101", "Mine", &revision(&admin).await).await,
            200,
            "after a reload"
        );
    }
}

#[tokio::test]
async fn pool_runs_dry() {
    for (arguments, expected) in [(&[][..], 201), (&["--fault", "pool-runs-dry"], 503)] {
        let directory = Directory::start_with(arguments);
        let place = ["--directory", &directory.url];
        let site = Site::start_with(&[&place, arguments].concat()).await;
        let admin = site.institution_admin().await;
        assert_eq!(create_user(&admin, "before@example.test").await.0, 201);
        let mut links = Vec::new();
        for number in 0..2 {
            links.push(site.registered(&format!("pending{number}@example.test")).await);
        }
        // The third connection is enough for one person at a time, if nobody else keeps it.
        assert_eq!(create_user(&admin, "third@example.test").await.0, expected);
        site.server.anonymous().send_form(&links.remove(0), "verify", &[]).await;
        assert_eq!(create_user(&admin, "after@example.test").await.0, 201, "one is verified");
    }
}

#[tokio::test]
async fn number_from_clock() {
    for (fault, least) in [("", 0), ("number-from-clock", 3)] {
        let (_directory, servers) = shared(fault);
        let mut refused = 0;
        for (number, server) in servers.iter().enumerate() {
            let admin = server.sign_in("institution_admin").await;
            for person in 0..20 {
                let (status, answer) =
                    create_user(&admin, &format!("p{person}.of{number}@example.test")).await;
                assert!(
                    status == 201 || answer["error"] == json!("Another number already has this number."),
                    "{answer}"
                );
                refused += u32::from(status == 409);
            }
        }
        assert!(refused >= least && refused <= least * 40, "{refused} of 40 with {fault:?}");
    }
}
