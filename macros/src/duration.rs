//! Durations as they are written in `timeout = "…"`.

use std::time::Duration;

/// How a duration is written; the end of every message about one.
pub(crate) const FORM: &str = "write a number and a unit (`ms`, `s`, `m` or `h`), for instance `timeout = \"90s\"` \
                               or `timeout = \"1m30s\"`";

/// The duration that `text` says: numbers with their units, one after the other, `1m30s`.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(format!("an empty string is no duration; {FORM}"));
    }
    let mut milliseconds = 0_u64;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let (unit, after) = after.split_at(after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len()));
        if number.is_empty() {
            return Err(format!("`{text}` is no duration; {FORM}"));
        }
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "" => return Err(format!("`{number}` has no unit; {FORM}")),
            _ => return Err(format!("`{unit}` is no unit of time; {FORM}")),
        };
        milliseconds = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .and_then(|part| milliseconds.checked_add(part))
            .ok_or_else(|| format!("`{text}` is too long a time"))?;
        rest = after;
    }
    if milliseconds == 0 {
        return Err("a test needs some time: the timeout has to be more than zero".to_owned());
    }
    Ok(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units() {
        let milliseconds = |text| parse(text).map(|duration| duration.as_millis());
        assert_eq!(milliseconds("250ms"), Ok(250));
        assert_eq!(milliseconds("90s"), Ok(90_000));
        assert_eq!(milliseconds("2m"), Ok(120_000));
        assert_eq!(milliseconds("1h"), Ok(3_600_000));
        assert_eq!(milliseconds("1m30s"), Ok(90_000));
        assert_eq!(milliseconds("1h2m3s4ms"), Ok(3_723_004));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let message = |text| parse(text).unwrap_err();
        assert!(message("").starts_with("an empty string is no duration"));
        assert!(message("90").starts_with("`90` has no unit"));
        assert!(message("90sec").starts_with("`sec` is no unit of time"));
        assert!(message("1.5s").starts_with("`1` has no unit"));
        assert!(message("-5s").starts_with("`-5s` is no duration"));
        assert!(message("soon").starts_with("`soon` is no duration"));
        assert!(message("1m 30s").starts_with("`1m 30s` is no duration"));
        assert_eq!(message("99999999999999999999s"), "`99999999999999999999s` is too long a time");
        assert_eq!(message("9999999999999999h"), "`9999999999999999h` is too long a time");
        assert!(message("0s").contains("more than zero"));
        assert!(message("0m0ms").contains("more than zero"));
    }
}
