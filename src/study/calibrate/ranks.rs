//! Simulation-based calibration: tests whether the posteriors of a sampler have the correct width.
//!
//! Draw θ from the prior, simulate an observation with it, sample the posterior of that observation, take [`DRAWS`] draws from
//! it, and count the draws below θ. If the sampler is correct, this rank is uniform on 0 … L over many θ. Ranks concentrate in
//! the middle if the posteriors are too wide, at both ends if they are too narrow, and at one end if they are biased.
//!
//! ```text
//! χ² = Σ_b (n_b − N/B)² / (N/B),   p = Q((B − 1)/2, χ²/2)
//! ```
//!
//! | symbol | unit | code |
//! |---|---|---|
//! | L | – | [`DRAWS`] |
//! | N, B, n_b | – | number of ranks, number of equal bins, and number of ranks in bin b ([`RankTest`]) |
//! | Q | 1 | [`upper_gamma`], the regularised upper incomplete gamma function |
//!
//! Source: Talts, Betancourt, Simpson, Vehtari, Gelman 2018. Known error: draws with replacement from a weighted sample are not
//! independent; if the effective number of particles is small, the ranks are slightly too extreme.

/// Number of posterior draws among which a true value is ranked. The number of possible ranks, [`DRAWS`] + 1, is a power of two,
/// so that it divides into equal bins.
pub const DRAWS: usize = 63;

/// The smallest expected number of ranks in a bin for which the χ² distribution is a good approximation.
const LEAST_EXPECTED: usize = 5;

/// A chi-square test of the uniformity of ranks.
#[derive(Clone, Debug, PartialEq)]
pub struct RankTest {
    /// Number of ranks in each bin.
    pub counts: Vec<u64>,
    /// The χ² statistic.
    pub chi_square: f64,
    /// The probability that uniform ranks give a larger statistic.
    pub p_value: f64,
}

impl RankTest {
    /// Tests ranks from 0 to [`DRAWS`]. The number of bins is between 2 and 16 and chosen so that each expects at least five
    /// ranks.
    #[must_use]
    pub fn of(ranks: &[usize]) -> Self {
        let bins = [16, 8, 4].into_iter().find(|bins| ranks.len() >= LEAST_EXPECTED * bins).unwrap_or(2);
        let mut counts = vec![0; bins];
        for &rank in ranks {
            counts[rank.min(DRAWS) * bins / (DRAWS + 1)] += 1;
        }
        let expected = super::count(ranks.len()) / super::count(bins);
        #[expect(clippy::cast_precision_loss, reason = "a number of ranks in memory")]
        let square = |&found: &u64| (found as f64 - expected) * (found as f64 - expected) / expected;
        let chi_square = counts.iter().map(square).sum();
        Self { chi_square, p_value: upper_gamma(0.5 * super::count(bins - 1), 0.5 * chi_square), counts }
    }
}

/// Q(a, x) for a > 0 and x ≥ 0, accurate to about 1e-12. It uses the series of P for x below a + 1, and Lentz's continued
/// fraction above (Press et al., Numerical Recipes, 6.2).
#[must_use]
#[expect(clippy::many_single_char_names, reason = "the letters of the book")]
pub fn upper_gamma(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let front = libm::exp(a * libm::log(x) - x - libm::lgamma(a));
    if x < a + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
        while term > sum * 1e-16 {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (1.0 - front * sum).max(0.0);
    }
    let (mut b, mut c) = (x + 1.0 - a, 1e300);
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..500_u32 {
        let an = -f64::from(step) * (f64::from(step) - a);
        b += 2.0;
        d = 1.0 / (an * d + b);
        c = b + an / c;
        fraction *= d * c;
        if libm::fabs(d * c - 1.0) < 1e-15 {
            break;
        }
    }
    front * fraction
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is equal here is exact")]
mod tests {
    use super::*;

    #[test]
    fn chi_square_tails_agree_with_published_tables() {
        // Upper 5 % and 0.1 % quantiles of χ² with 3, 7 and 15 degrees of freedom.
        for (df, five, tenth) in
            [(3.0, 7.814_728, 16.266_236), (7.0, 14.067_140, 24.321_886), (15.0, 24.995_790, 37.697_298)]
        {
            assert!((upper_gamma(df / 2.0, five / 2.0) - 0.05).abs() < 1e-7);
            assert!((upper_gamma(df / 2.0, tenth / 2.0) - 0.001).abs() < 1e-8);
        }
        assert!((upper_gamma(1.0, 0.3) - libm::exp(-0.3)).abs() < 1e-14);
        assert_eq!(upper_gamma(2.0, 0.0), 1.0);
    }

    #[test]
    fn uniform_ranks_pass_the_test_and_concentrated_ranks_fail() {
        let uniform: Vec<usize> = (0..256).map(|index| (index * 37) % (DRAWS + 1)).collect();
        let test = RankTest::of(&uniform);
        assert_eq!((test.counts.len(), test.chi_square), (16, 0.0));
        assert!(test.p_value > 0.999);
        let middle: Vec<usize> = uniform.iter().map(|rank| 16 + rank / 2).collect();
        assert!(RankTest::of(&middle).p_value < 1e-9);
        assert_eq!(RankTest::of(&uniform[..23]).counts.len(), 4);
    }
}
