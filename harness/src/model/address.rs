//! Addresses of pages, as tests write them.

/// The absolute address of a path below a base address.
pub(crate) fn resolve(base_url: &str, path: &str) -> String {
    let has_host = path.split_once("://").is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    let has_none = ["about:", "blob:", "data:"].iter().any(|scheme| path.starts_with(scheme));
    if has_host || has_none {
        return path.to_owned();
    }
    format!("{}/{}", base_url.trim_end_matches('/'), path.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absolute_addresses_stay_and_others_do_not() {
        let cases = [
            ("/a", "http://h:1/a"),
            ("a", "http://h:1/a"),
            ("", "http://h:1/"),
            ("/a?next=https://b/c#d", "http://h:1/a?next=https://b/c#d"),
            ("?next=https://b/c", "http://h:1/?next=https://b/c"),
            ("https://b/c", "https://b/c"),
            ("view-source:http://b", "http://h:1/view-source:http://b"),
            ("data:text/html,x", "data:text/html,x"),
            ("about:blank", "about:blank"),
        ];
        for (path, url) in cases {
            assert_eq!(resolve("http://h:1", path), url);
        }
        assert_eq!(resolve("http://h:1/app/", "/a"), "http://h:1/app/a");
    }
}
