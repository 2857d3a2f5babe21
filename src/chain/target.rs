use crate::declare::Form;
use ruint::aliases::U256;

/// Width of the products of the difficulty rules: a 256-bit target times a 64-bit count.
pub(super) type Wide = ruint::Uint<320, 5>;

/// The largest value that a block's hash may have: 1 to 2^256 - 1. A higher target is easier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(U256);

/// A target as stored in a block header (`nBits`): one byte of exponent to base 256, a sign bit, 23 bits of mantissa.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactTarget(u32);

/// Why a compact target is not a valid target.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum TargetError {
    /// The sign bit is set on a non-zero number.
    #[error("compact target {0:#010x} is negative")]
    Negative(u32),
    /// The number needs more than 256 bits.
    #[error("compact target {0:#010x} does not fit into 256 bits")]
    Overflow(u32),
    /// No hash can reach it.
    #[error("compact target {0:#010x} is zero")]
    Zero(u32),
    /// Zero, negative, infinite, not a number, or beyond what 256 bits hold.
    #[error("difficulty {0} has no target")]
    Difficulty(f64),
}

impl Target {
    pub const MIN: Self = Self(U256::ONE);

    /// `None` for zero.
    #[must_use]
    pub fn new(value: U256) -> Option<Self> {
        (!value.is_zero()).then_some(Self(value))
    }

    #[must_use]
    pub const fn get(self) -> U256 {
        self.0
    }

    /// Expected hashes per block, as chain work counts them: `floor(2^256 / (target + 1))`, computed without a 257-bit number
    /// like Bitcoin Core's `GetBlockProof`.
    #[must_use]
    pub fn work(self) -> U256 {
        if self.0 == U256::MAX {
            return U256::ONE;
        }
        !self.0 / (self.0 + U256::ONE) + U256::ONE
    }

    /// Rounds down to the 23 bits or more that a header keeps, like Bitcoin Core's `GetCompact`.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the shift leaves 24 bits; a size is at most 33")]
    pub fn compact(self) -> CompactTarget {
        let mut size = self.0.bit_len().div_ceil(8);
        let low = |value: U256| value.as_limbs()[0] as u32;
        let mut mantissa =
            if size <= 3 { low(self.0) << (8 * (3 - size)) } else { low(self.0 >> (8 * (size - 3))) & 0x00ff_ffff };
        // The top bit of the mantissa is the sign: a number that would set it is shifted by a byte.
        if mantissa & 0x0080_0000 != 0 {
            mantissa >>= 8;
            size += 1;
        }
        CompactTarget(mantissa | (size as u32) << 24)
    }

    /// `floor(target * numerator / denominator)`, between 1 and `limit`.
    pub(super) fn scaled(self, numerator: u64, denominator: u64, limit: Self) -> Self {
        let product = Wide::from(self.0) * Wide::from(numerator);
        Self::bounded(product / Wide::from(denominator), limit)
    }

    /// The nearest target to a wide number from 1 to `limit`.
    pub(super) fn bounded(value: Wide, limit: Self) -> Self {
        if value > Wide::from(limit.0) {
            limit
        } else if value.is_zero() {
            Self::MIN
        } else {
            let [a, b, c, d, _] = *value.as_limbs();
            Self(U256::from_limbs([a, b, c, d]))
        }
    }
}

impl CompactTarget {
    /// Difficulty 1, Bitcoin's easiest target.
    pub const DIFFICULTY_1: Self = Self(0x1d00_ffff);

    /// Wraps the four bytes of a header without a check.
    #[must_use]
    pub const fn new(bits: u32) -> Self {
        Self(bits)
    }

    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The target `mantissa * 256^(exponent - 3)`, like Bitcoin Core's `SetCompact`.
    ///
    /// # Errors
    /// When the number is negative, zero or wider than 256 bits.
    pub fn target(self) -> Result<Target, TargetError> {
        let size = self.0 >> 24;
        let mut mantissa = self.0 & 0x007f_ffff;
        if size < 3 {
            mantissa >>= 8 * (3 - size);
        }
        if mantissa == 0 {
            return Err(TargetError::Zero(self.0));
        }
        if self.0 & 0x0080_0000 != 0 {
            return Err(TargetError::Negative(self.0));
        }
        if size > 34 || (mantissa > 0xff && size > 33) || (mantissa > 0xffff && size > 32) {
            return Err(TargetError::Overflow(self.0));
        }
        Ok(Target(U256::from(mantissa) << (8 * size.saturating_sub(3) as usize)))
    }

    /// A valid compact target as `mantissa * 2^shift`; the mantissa has at most 23 bits.
    ///
    /// The rules calculate with such numbers where they can: 64 or 128 bits are several times faster than 256.
    pub(super) fn parts(self) -> (u64, u32) {
        let (size, mantissa) = (self.0 >> 24, u64::from(self.0 & 0x007f_ffff));
        if size < 3 { (mantissa >> (8 * (3 - size)), 0) } else { (mantissa, 8 * (size - 3)) }
    }

    /// `floor(mantissa * 2^shift)`, at least 1 and at most `limit`, rounded down as [`Target::compact`] does, which has written `limit`.
    #[expect(
        clippy::cast_possible_wrap,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes are at most 33, and three bytes of the mantissa are left"
    )]
    pub(super) fn rounded(mantissa: u128, shift: i32, limit: Self) -> Self {
        let shifted = |by: i32| if by < 0 { mantissa >> by.unsigned_abs().min(127) } else { mantissa << by };
        let bits = 128 - mantissa.leading_zeros() as i32 + shift;
        if mantissa == 0 || bits <= 0 {
            return Target::MIN.compact();
        }
        if bits > 256 {
            return limit;
        }
        let mut size = (bits + 7) / 8;
        let mut top =
            if size <= 3 { shifted(shift) << (8 * (3 - size)) } else { shifted(shift - 8 * (size - 3)) } as u32;
        if top & 0x0080_0000 != 0 {
            top >>= 8;
            size += 1;
        }
        // Both are in the form that `compact` writes, in which the larger number is the larger target.
        Self((top | (size as u32) << 24).min(limit.0))
    }

    /// Rounds and bounds a wide number in the same way. Its two leading words hold all the bits that are kept.
    pub(super) fn rounded_wide(value: Wide, limit: Self) -> Self {
        let words = value.as_limbs();
        let top = words.iter().rposition(|&word| word != 0).unwrap_or(0).max(1);
        let leading = u128::from(words[top]) << 64 | u128::from(words[top - 1]);
        Self::rounded(leading, 64 * i32::try_from(top - 1).expect("five words"), limit)
    }

    /// [`Target::work`] of a valid compact target.
    pub(super) fn work(self) -> Wide {
        let (mantissa, shift) = self.parts();
        if shift < 129 {
            return self.target().map_or(Wide::ZERO, |target| Wide::from(target.work()));
        }
        // With t = m 2^s, 2^256 / t = 2^(256-s) / m is a multiple of 1/m, and 2^256 / (t + 1) is less than 1/m below it. So the quotient rounded
        // down is the same, except where 2^256 / t is whole: then it is one less.
        Wide::from(((1u128 << (256 - shift)) - 1) / u128::from(mantissa))
    }

    /// Difficulty relative to 0x1d00ffff, like Bitcoin Core's `getdifficulty`: the ratio of the mantissas,
    /// shifted by whole bytes, so that a division of `f64` is the only rounding. Infinite for a zero mantissa.
    #[must_use]
    #[expect(clippy::cast_possible_wrap, reason = "a byte")]
    pub fn difficulty(self) -> f64 {
        let ratio = f64::from(0x0000_ffff) / f64::from(self.0 & 0x00ff_ffff);
        libm::scalbn(ratio, 8 * (29 - (self.0 >> 24) as i32))
    }

    /// The compact target nearest to a difficulty.
    ///
    /// # Errors
    /// When no target of 1 to 2^256 - 1 has that difficulty.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the mantissa is brought within 24 bits, the size within a byte"
    )]
    pub fn nearest(difficulty: f64) -> Result<Self, TargetError> {
        let none = TargetError::Difficulty(difficulty);
        if !(difficulty.is_finite() && difficulty > 0.0) {
            return Err(none);
        }
        // 256 is a power of two, so shifts by bytes are exact.
        let (mut mantissa, mut size) = (f64::from(0x0000_ffff) / difficulty, 29u32);
        while mantissa < f64::from(0x8000) && size > 1 {
            mantissa *= 256.0;
            size -= 1;
        }
        while mantissa.round() > f64::from(0x007f_ffff) && size < 36 {
            mantissa /= 256.0;
            size += 1;
        }
        // Rounding may have reached a mantissa of the next size, and sizes below three drop bytes: converting twice gives the canonical form.
        let target = Self(mantissa.round() as u32 & 0x007f_ffff | size << 24).target().map_err(|_| none)?;
        Ok(target.compact())
    }
}

impl CompactTarget {
    /// The hashrate at which blocks come every 600 s, EH/s.
    #[must_use]
    pub fn hashrate_eh(self) -> f64 {
        self.difficulty() * 4_294_967_296.0 / 600.0 / 1e18
    }
}

impl Form for CompactTarget {
    /// Reads `1d00ffff` or `0x1d00ffff`.
    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let form = || "a compact target of eight hexadecimal digits, such as \"1d00ffff\"".to_owned();
        if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(form());
        }
        let compact = Self(u32::from_str_radix(digits, 16).map_err(|_| form())?);
        compact.target().map(|_| compact).map_err(|_| form())
    }

    /// The usual form of block headers.
    fn write(&self) -> String {
        format!("{:08x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compact_of(value: u64) -> u32 {
        Target::new(U256::from(value)).expect("not zero").compact().get()
    }

    /// Bitcoin Core, `src/test/arith_uint256_tests.cpp`, `bignum_SetCompact`.
    #[test]
    fn compact_targets_read_as_bitcoin_core_reads_them() {
        let read = |bits| CompactTarget::new(bits).target();
        for zero in [
            0,
            0x0012_3456,
            0x0100_3456,
            0x0200_0056,
            0x0300_0000,
            0x0400_0000,
            0x0092_3456,
            0x0180_3456,
            0x0280_0056,
            0x0380_0000,
        ] {
            assert_eq!(read(zero), Err(TargetError::Zero(zero)), "{zero:08x}");
        }
        for (bits, value, canonical) in [
            (0x0112_3456, 0x12, 0x0112_0000),
            (0x0212_3456, 0x1234, 0x0212_3400),
            (0x0312_3456, 0x0012_3456, 0x0312_3456),
            (0x0412_3456, 0x1234_5600, 0x0412_3456),
            (0x0500_9234, 0x9234_0000, 0x0500_9234),
        ] {
            assert_eq!(read(bits).expect("a target").get(), U256::from(value));
            assert_eq!(compact_of(value), canonical);
        }
        assert_eq!(compact_of(0x80), 0x0200_8000, "the sign bit is kept free");
        for negative in [0x01fe_dcba, 0x0492_3456] {
            assert_eq!(read(negative), Err(TargetError::Negative(negative)));
        }
        let high = read(0x2012_3456).expect("the widest");
        assert_eq!(high.get(), U256::from(0x0012_3456) << 232usize);
        assert_eq!(high.compact().get(), 0x2012_3456);
        assert_eq!(read(0xff12_3456), Err(TargetError::Overflow(0xff12_3456)));
        assert_eq!(read(0x2101_0000), Err(TargetError::Overflow(0x2101_0000)));
        assert!(read(0x2100_ffff).is_ok() && read(0x2200_00ff).is_ok(), "leading zero bytes leave room");
    }

    /// Difficulties as printed by explorers and `getdifficulty`: block 0; 756,000 (2022); Bitcoin Core's `blockchain_tests.cpp`.
    #[test]
    fn difficulty_is_that_of_getdifficulty() {
        for (bits, difficulty) in [
            (0x1d00_ffff, 1.0),
            (0x1b04_04cb, 16_307.420_938_523_983),
            (0x1f11_1111, 0.000_001),
            (0x1ef8_8f6f, 0.000_016),
            (0x1df8_8f6f, 0.004_023),
            (0x1cf8_8f6f, 1.029_916),
            (0x1234_5678, 5_913_134_931_067_755_359_633_408.0),
        ] {
            let found = CompactTarget::new(bits).difficulty();
            assert!(
                (found - difficulty).abs() <= (1e-15 * difficulty).max(5e-7),
                "{bits:08x}: {found} against {difficulty}"
            );
        }
    }

    #[test]
    fn work_of_difficulty_1_is_2_to_the_32_and_a_bit() {
        let work = |bits| CompactTarget::new(bits).target().expect("a target").work();
        assert_eq!(work(0x1d00_ffff), U256::from(0x1_0001_0001_u64));
        assert_eq!(Target::MIN.work(), U256::ONE << 255usize);
        assert_eq!(Target(U256::MAX).work(), U256::ONE);
    }

    #[test]
    fn texts_that_are_no_compact_target_are_refused() {
        for text in ["", "1d00fff", "1d80ffff", "1d000000", "xd00ffff", "2300ffff", "+d00ffff"] {
            assert!(CompactTarget::parse(text).is_err(), "{text}");
        }
        assert_eq!(CompactTarget::parse("0x1d00ffff"), Ok(CompactTarget::DIFFICULTY_1));
    }

    #[test]
    fn impossible_difficulties_have_no_target() {
        for difficulty in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12, 1e80] {
            assert!(CompactTarget::nearest(difficulty).is_err(), "{difficulty}");
        }
        assert_eq!(CompactTarget::nearest(1.0), Ok(CompactTarget::DIFFICULTY_1));
    }

    proptest! {
        #[test]
        fn short_cuts_of_compact_targets_are_what_wide_numbers_give(mantissa in 1u128.., size in 1u32..=0x20, shift in -140i32..260, top in 0x8000u32..0x80_0000) {
            let limit = CompactTarget(0x207f_ffff);
            let value = if shift < 0 { Wide::from(mantissa) >> shift.unsigned_abs() as usize } else { Wide::from(mantissa) << shift.unsigned_abs() as usize };
            let fits = shift + 128 - mantissa.leading_zeros().cast_signed() <= 256;
            let wide = if fits { Target::bounded(value, limit.target().expect("a target")).compact() } else { limit };
            prop_assert_eq!(CompactTarget::rounded(mantissa, shift, limit), wide);
            if fits {
                prop_assert_eq!(CompactTarget::rounded_wide(value, limit), wide);
            }
            for bits in [top | size << 24, 0x8000 | size << 24, top & 0x7f_0000 | 0x1_0000 | size << 24] {
                let bits = CompactTarget(bits);
                // The smallest sizes cut all of some mantissas off.
                let Ok(target) = bits.target() else { continue };
                prop_assert_eq!(bits.work(), Wide::from(target.work()));
                let (mantissa, shift) = bits.parts();
                prop_assert_eq!(U256::from(mantissa) << shift as usize, target.get());
            }
        }

        #[test]
        fn compact_rounding_is_that_of_the_bitcoin_crate(bytes in any::<[u8; 32]>(), shift in 0usize..250) {
            let value = U256::from_be_bytes(bytes) >> shift;
            if let Some(target) = Target::new(value) {
                let oracle = bitcoin::pow::Target::from_be_bytes(value.to_be_bytes());
                prop_assert_eq!(target.compact().get(), oracle.to_compact_lossy().to_consensus());
                // For target 1 the crate gives 2^256 - 1; Bitcoin Core gives 2^255, like the formula.
                if value > U256::ONE {
                    prop_assert_eq!(target.work().to_be_bytes::<32>(), oracle.to_work().to_be_bytes());
                }
            }
        }

        #[test]
        fn the_nearest_target_to_a_difficulty_of_a_target_is_that_target(mantissa in 0x8000u32..0x80_0000, size in 3u32..33) {
            let bits = CompactTarget::new(mantissa | size << 24);
            prop_assert_eq!(CompactTarget::nearest(bits.difficulty()), Ok(bits));
        }

        #[test]
        fn the_nearest_target_is_within_half_a_step(exponent in -5.0f64..60.0) {
            let difficulty = libm::exp10(exponent);
            let found = CompactTarget::nearest(difficulty).expect("within range");
            let off = found.difficulty() / difficulty - 1.0;
            prop_assert!(off.abs() <= 0.5001 / f64::from(0x8000), "{off}");
            let error = |bits: u32| (1.0 / CompactTarget::new(bits).difficulty() - 1.0 / difficulty).abs();
            prop_assert!(error(found.get()) <= error(found.get() + 1) && error(found.get()) <= error(found.get() - 1));
        }
    }
}
