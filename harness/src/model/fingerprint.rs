//! What tells one thing from another where nobody tries to deceive: the FNV-1a hash of 64 bits, in hexadecimal.

/// Of these bytes.
pub(crate) fn fingerprint(bytes: impl IntoIterator<Item = u8>) -> String {
    let hash = bytes.into_iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn it_is_fnv_1a() {
        // From the test vectors of its authors.
        assert_eq!(fingerprint([]), "cbf29ce484222325");
        assert_eq!(fingerprint(*b"foobar"), "85944171f73967e8");
    }
}
