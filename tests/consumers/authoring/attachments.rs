//! Tests that attach files.

use callboard::{TestError, TestResult, attach, e2e, step};

#[e2e]
async fn passes() -> TestResult {
    step("fills the cart", async {
        attach("cart.json", r#"{"items": 3, "by": "secret-word"}"#, "application/json")
    })
    .await?;
    attach("../cart.json", [0xff, 0x00, 0xfe], "application/octet-stream")?;
    Ok(())
}

#[e2e]
fn fails() -> TestResult {
    attach("cart.json", "{}", "application/json")?;
    let second = attach("cart.json", "[]", "application/json")?;
    assert_eq!(second.file_name().and_then(|name| name.to_str()), Some("cart-2.json"));
    for number in 0..10 {
        attach(format!("page {number}.txt"), "a page", "text/plain; charset=utf-8")?;
    }
    Err(TestError::new("the cart is empty"))
}

#[e2e]
fn too_large() -> TestResult {
    attach("film.mp4", vec![0; (64 << 20) + 1], "video/mp4")?;
    Ok(())
}

#[e2e]
fn no_media_type() -> TestResult {
    attach("cart.json", "{}", "json")?;
    Ok(())
}

#[e2e]
fn on_another_thread() -> TestResult {
    std::thread::spawn(|| attach("cart.json", "{}", "application/json")).join().expect("no panic")?;
    Ok(())
}
