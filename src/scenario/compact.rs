//! Compact targets as a scenario writes them. The chain's own arithmetic is exact; here only the nearest is looked for.

/// The target of difficulty 1: `0xffff * 2^208`.
fn difficulty_one() -> f64 {
    65_535.0 * 2.0_f64.powi(208)
}

/// The value of a compact target, or what is wrong with it.
fn target(nbits: u32) -> Result<f64, String> {
    let (exponent, mantissa) = ((nbits >> 24).cast_signed(), nbits & 0x007f_ffff);
    if nbits & 0x0080_0000 != 0 || mantissa == 0 || !(3..=32).contains(&exponent) {
        return Err("a compact target such as \"1d00ffff\"".to_owned());
    }
    Ok(f64::from(mantissa) * 2.0_f64.powi(8 * (exponent - 3)))
}

/// Reads `1d00ffff` or `0x1d00ffff`.
pub fn parse_nbits(text: &str) -> Result<u32, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let form = || "a compact target of eight hexadecimal digits, such as \"1d00ffff\"".to_owned();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(form());
    }
    let nbits = u32::from_str_radix(digits, 16).map_err(|_| form())?;
    target(nbits).map(|_| nbits)
}

/// Writes a compact target as blocks' headers are usually shown.
pub fn write_nbits(nbits: &u32) -> String {
    format!("{nbits:08x}")
}

/// The difficulty of a compact target that has been checked.
pub fn difficulty(nbits: u32) -> f64 {
    target(nbits).map_or(1.0, |target| difficulty_one() / target)
}

/// The compact target whose difficulty is nearest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mantissa is below 2^23 and positive")]
pub fn nearest_nbits(difficulty: f64) -> u32 {
    let target = difficulty_one() / difficulty;
    for exponent in 3_u8..=32 {
        let mantissa = libm::round(target / 2.0_f64.powi(8 * (i32::from(exponent) - 3)));
        if mantissa < 8_388_608.0 {
            return (u32::from(exponent) << 24) | (mantissa as u32).max(1);
        }
    }
    0x2000_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_back_every_compact_target() {
        for nbits in [0x1d00_ffff, 0x1b04_04cb, 0x1725_09f1, 0x1702_9aaa, 0x207f_ffff, 0x1800_8000] {
            assert_eq!(nearest_nbits(difficulty(nbits)), nbits, "{nbits:08x}");
        }
        assert!((difficulty(0x1d00_ffff) - 1.0).abs() < 1e-15);
        assert!((difficulty(0x1b04_04cb) - 16_307.420_938_523_983).abs() < 1e-9);
    }

    #[test]
    fn refuses_what_is_not_a_target() {
        for text in ["", "1d00fff", "1d80ffff", "1d000000", "xd00ffff", "2100ffff", "+d00ffff"] {
            assert!(parse_nbits(text).is_err(), "{text}");
        }
        assert_eq!(parse_nbits("0x1d00ffff"), Ok(0x1d00_ffff));
    }
}
