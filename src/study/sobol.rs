//! The points of Sobol' (1967) without scrambling, with the direction numbers of Joe and Kuo (2008).

use super::directions::{STARTS, Start};

/// Maximum number of dimensions.
pub const DIMENSIONS: usize = STARTS.len() + 1;

/// Binary digits of a coordinate: the sequence has 2^32 points before they repeat.
const BITS: usize = 32;

/// A sequence of points in the unit cube, indexed by their number.
#[derive(Clone, Debug)]
pub struct SobolSequence {
    /// For each dimension, the direction numbers `v_1`, `v_2`, ..., as binary fractions with the point before the first bit.
    directions: Vec<[u32; BITS]>,
}

impl SobolSequence {
    /// A sequence with this number of dimensions; `None` beyond [`DIMENSIONS`].
    #[must_use]
    pub fn new(dimensions: usize) -> Option<Self> {
        if dimensions > DIMENSIONS {
            return None;
        }
        let van_der_corput = std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
        let others = STARTS.iter().map(|&start| directions(start));
        Some(Self { directions: std::iter::once(van_der_corput).chain(others).take(dimensions).collect() })
    }

    /// Coordinate `dimension` (from 0) of point `number`; point 0 is the origin.
    ///
    /// It is the exclusive or of the `v_j` for which bit j of the Gray code of `number` is set (Antonov and Saleev 1979). Within
    /// each 2^m points the order differs from Sobol's own, but the set of points is the same.
    #[must_use]
    pub fn coordinate(&self, number: u32, dimension: usize) -> f64 {
        let gray = number ^ (number >> 1);
        let bits = self.directions[dimension]
            .iter()
            .enumerate()
            .filter(|(bit, _)| gray >> bit & 1 == 1)
            .fold(0, |bits, (_, direction)| bits ^ direction);
        f64::from(bits) / 4_294_967_296.0
    }
}

/// `m_j = 2 a_1 m_{j-1} ^ 4 a_2 m_{j-2} ^ ... ^ 2^(s-1) a_{s-1} m_{j-s+1} ^ 2^s m_{j-s} ^ m_{j-s}`, and `v_j = m_j / 2^j`.
fn directions((polynomial, m): Start) -> [u32; BITS] {
    let degree = m.len();
    let mut v = [0; BITS];
    for (bit, &m) in m.iter().enumerate() {
        v[bit] = m << (BITS - 1 - bit);
    }
    for bit in degree..BITS {
        // In terms of v the factors 2^i cancel.
        v[bit] = v[bit - degree] ^ (v[bit - degree] >> degree);
        for back in 1..degree {
            if polynomial >> (degree - 1 - back) & 1 == 1 {
                v[bit] ^= v[bit - back];
            }
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.qmc.Sobol(128, scramble=False).random(2048)` of `SciPy` 1: rows by number, columns by dimension.
    #[test]
    #[expect(clippy::float_cmp, reason = "binary fractions are exact")]
    fn sobol_points_agree_with_scipy() {
        let sequence = SobolSequence::new(DIMENSIONS).expect("as many as there are");
        let dimensions = [0, 1, 2, 9, 39, 79, 127];
        for (number, expected) in [
            (0, [0.0; 7]),
            (1, [0.5; 7]),
            (2, [0.75, 0.25, 0.25, 0.75, 0.25, 0.75, 0.25]),
            (5, [0.875, 0.875, 0.125, 0.125, 0.375, 0.375, 0.125]),
            (100, [0.414_062_5, 0.257_812_5, 0.773_437_5, 0.695_312_5, 0.132_812_5, 0.601_562_5, 0.460_937_5]),
            (
                1023,
                [
                    0.000_976_562_5,
                    0.752_929_687_5,
                    0.612_304_687_5,
                    0.850_585_937_5,
                    0.698_242_187_5,
                    0.526_367_187_5,
                    0.700_195_312_5,
                ],
            ),
            (
                2047,
                [
                    0.000_488_281_25,
                    0.627_441_406_25,
                    0.931_152_343_75,
                    0.445_800_781_25,
                    0.676_269_531_25,
                    0.081_542_968_75,
                    0.021_972_656_25,
                ],
            ),
        ] {
            assert_eq!(dimensions.map(|dimension| sequence.coordinate(number, dimension)), expected, "point {number}");
        }
        assert!(SobolSequence::new(DIMENSIONS + 1).is_none());
    }

    /// Each 2^m consecutive points that start at a multiple of 2^m have one point in each of 2^m equal intervals, in every
    /// dimension.
    #[test]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an interval's number")]
    fn every_dimension_of_sobol_points_is_stratified() {
        let sequence = SobolSequence::new(DIMENSIONS).expect("as many as there are");
        for dimension in 0..DIMENSIONS {
            for start in [0, 256, 1024] {
                let mut seen = [false; 256];
                for number in start..start + 256 {
                    seen[(sequence.coordinate(number, dimension) * 256.0) as usize] = true;
                }
                assert_eq!(seen, [true; 256], "dimension {dimension} from point {start}");
            }
        }
    }
}
