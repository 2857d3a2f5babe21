use crate::chain::CompactTarget;

/// Reads `1d00ffff` or `0x1d00ffff`.
pub fn parse_nbits(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let form = || "a compact target of eight hexadecimal digits, such as \"1d00ffff\"".to_owned();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(form());
    }
    let nbits = u32::from_str_radix(digits, 16).map_err(|_| form())?;
    CompactTarget::new(nbits).target().map(|_| nbits).map_err(|_| form())
}

/// Writes a compact target in the usual form of block headers.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "keys write what they hold by reference")]
pub fn write_nbits(nbits: &u32) -> String {
    format!("{nbits:08x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_not_a_target() {
        for text in ["", "1d00fff", "1d80ffff", "1d000000", "xd00ffff", "2300ffff", "+d00ffff"] {
            assert!(parse_nbits(text).is_err(), "{text}");
        }
        assert_eq!(parse_nbits("0x1d00ffff"), Ok(0x1d00_ffff));
    }
}
