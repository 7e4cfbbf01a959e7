use callboard::{TestResult, e2e, sign_in};

#[e2e(skip_if = "the printer is off")]
fn a_string() {}

#[e2e(skip_if = 1 + 1)]
fn a_number() {}

#[e2e(skip_if = (cfg!(any()), "it is"))]
fn as_it_should_be() {}

#[sign_in(timeout = 90)]
async fn a_number_for_a_timeout() -> TestResult {
    Ok(())
}

#[sign_in(retries = 1)]
async fn unknown_key() -> TestResult {
    Ok(())
}

fn main() {}
