//! Spans of time as people read them.

use std::time::Duration;

/// `840 ms`, `12.3 s`, `2 min 5 s`
pub(crate) fn seconds(duration: Duration) -> String {
    match duration.as_secs() {
        0 => format!("{} ms", duration.as_millis()),
        1..=119 => format!("{:.1} s", duration.as_secs_f64()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_a_person_would_choose() {
        for (milliseconds, text) in [(8, "8 ms"), (999, "999 ms"), (12_340, "12.3 s"), (125_000, "2 min 5 s")]
        {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), text);
        }
    }
}
