//! Amounts of memory as people write them: `1500MB`, `2GB`.

const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)];

/// How to write one, for messages.
pub(crate) const FORM: &str = "\"1500MB\" or \"2GB\"";

/// Reads an amount in bytes: a whole number with a unit. `None` is no such amount.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (number, unit) = UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))?;
    let is_number = number.chars().all(|c| c.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_number)?.checked_mul(*unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_a_unit_are_amounts_and_nothing_else_is() {
        for (text, bytes) in [("1500MB", 1_500_000_000), ("2GB", 2_000_000_000), ("0KB", 0)] {
            assert_eq!(parse(text), Some(bytes), "{text}");
        }
        for text in
            ["", "MB", "1500", "+1MB", "-1MB", "1.5GB", "1 GB", "1gb", "99999999999999999999GB", "½GB"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
