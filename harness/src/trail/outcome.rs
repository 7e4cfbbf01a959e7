//! What a step returned, of whatever type: only for messages and events, nothing is decided by it.

use std::any::type_name;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;

/// Whether the value is an `Err`.
///
/// A step may return anything, so there is no trait to ask. The name of the type says whether it is a `Result`, and
/// the discriminants of all `Result`s are alike.
pub(super) fn is_err<T>(value: &T) -> bool {
    type_name::<T>().starts_with("core::result::Result<")
        && hash_of(discriminant(value)) == hash_of(discriminant(&Err::<(), ()>(())))
}

/// Whether a `Result` of this name has errors of that name.
pub(super) fn is_of_error(result: &str, error: &str) -> bool {
    let before = result.strip_suffix('>').and_then(|result| result.strip_suffix(error));
    before.is_some_and(|before| before.ends_with(", "))
}

fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Own;

    #[test]
    fn an_err_of_any_type_is_known() {
        assert!(is_err(&"x".parse::<u8>()) && !is_err(&"1".parse::<u8>()));
        assert!(is_err(&Err::<String, _>(Own)) && !is_err(&Ok::<_, Own>(String::new())));
        // Where the compiler keeps no byte for which of the two it is.
        assert!(is_err(&Err::<Box<u8>, ()>(())) && !is_err(&Ok::<Box<u8>, ()>(Box::new(1))));
        assert!(
            is_err(&Err::<std::convert::Infallible, _>(1)) && !is_err(&Ok::<_, std::convert::Infallible>(1))
        );
        let text = String::from("borrowed");
        assert!(is_err(&Err::<(), &str>(&text)) && !is_err(&Ok::<&str, ()>(&text)));
    }

    #[test]
    fn nothing_else_is_an_err() {
        enum Likewise {
            #[expect(dead_code, reason = "the first of two variants")]
            Good,
            Bad,
        }
        assert!(!is_err(&Likewise::Bad) && !is_err(&Some(1)) && !is_err(&1) && !is_err(&"Err"));
        assert!(!is_err(&vec![Err::<(), ()>(())]));
    }

    #[test]
    fn the_type_of_an_error_is_known_by_its_name() {
        let of = |error| is_of_error(type_name::<Result<Vec<(u8, Own)>, std::num::ParseIntError>>(), error);
        assert!(of(type_name::<std::num::ParseIntError>()));
        assert!(!of(type_name::<Own>()) && !of("ParseIntError") && !of(""));
    }
}
