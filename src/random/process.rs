//! Samplers over any [`rand::Rng`] that use no functions but those of `libm`.

use super::mass::{ln_binomial, ln_poisson};
use rand::RngExt;
use rand_distr::OpenClosed01;

/// Below this mean a count is found by summing its probabilities; from this mean on by transformed rejection.
const INVERSION_BELOW: f64 = 10.0;
/// Counts above this have a probability below 10^-60 when the mean is below [`INVERSION_BELOW`].
const INVERSION_UP_TO: u64 = 100;

fn open_closed(rng: &mut impl rand::Rng) -> f64 {
    rng.sample(OpenClosed01)
}

/// Exponential with mean 1.
pub fn exponential(rng: &mut impl rand::Rng) -> f64 {
    -libm::log(open_closed(rng))
}

/// Normal with mean 0 and variance 1 (Box and Muller 1958). The second of the pair is discarded, so that every draw takes two words.
pub fn standard_normal(rng: &mut impl rand::Rng) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(open_closed(rng)));
    radius * libm::cos(std::f64::consts::TAU * rng.random::<f64>())
}

/// Lognormal with the given median and standard deviation of the logarithm.
pub fn lognormal(rng: &mut impl rand::Rng, median: f64, log_sd: f64) -> f64 {
    median * libm::exp(log_sd * standard_normal(rng))
}

/// Pareto with minimum 1 and the given tail index.
pub fn pareto(rng: &mut impl rand::Rng, tail_index: f64) -> f64 {
    libm::pow(open_closed(rng), -1.0 / tail_index)
}

/// Gamma with the given shape and scale 1 (Marsaglia and Tsang 2000).
///
/// # Panics
/// When the shape is not a positive number.
pub fn gamma(rng: &mut impl rand::Rng, shape: f64) -> f64 {
    let (unboosted, ln_boost) = gamma_in_parts(rng, shape);
    if ln_boost == 0.0 { unboosted } else { unboosted * libm::exp(ln_boost) }
}

/// Beta(a, b), as a ratio of gammas; for integers the a-th smallest of a + b - 1 uniforms.
///
/// # Panics
/// When a or b is not a positive number.
pub fn beta(rng: &mut impl rand::Rng, a: f64, b: f64) -> f64 {
    let (x, ln_boost_x) = gamma_in_parts(rng, a);
    let (y, ln_boost_y) = gamma_in_parts(rng, b);
    if ln_boost_x == 0.0 && ln_boost_y == 0.0 {
        x / (x + y)
    } else {
        // With small shapes both gammas can underflow to zero, while their ratio is well defined in logarithms.
        1.0 / (1.0 + y / x * libm::exp(ln_boost_y - ln_boost_x))
    }
}

/// A gamma variate as a factor, and the logarithm of another: 0 for shape >= 1, and `ln(U) / shape` below,
/// by which a gamma of shape + 1 becomes one of the shape.
#[expect(clippy::many_single_char_names, reason = "the letters of the paper")]
fn gamma_in_parts(rng: &mut impl rand::Rng, shape: f64) -> (f64, f64) {
    assert!(shape > 0.0 && shape.is_finite(), "a gamma variate of shape {shape}");
    let (at_least_1, ln_boost) =
        if shape < 1.0 { (shape + 1.0, libm::log(open_closed(rng)) / shape) } else { (shape, 0.0) };
    let d = at_least_1 - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = standard_normal(rng);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let u = open_closed(rng);
        let x2 = x * x;
        if u < 1.0 - 0.0331 * x2 * x2 || libm::log(u) < 0.5 * x2 + d * (1.0 - v + libm::log(v)) {
            return (d * v, ln_boost);
        }
    }
}

/// Poisson with the given mean: inversion below a mean of 10, PTRS (Hörmann 1993) above, exact up to the
/// rounding of doubles at any mean below 2^53.
///
/// # Panics
/// When the mean is negative, infinite or not a number.
pub fn poisson(rng: &mut impl rand::Rng, mean: f64) -> u64 {
    assert!(mean >= 0.0 && mean.is_finite(), "a Poisson count of mean {mean}");
    if mean < INVERSION_BELOW { poisson_by_inversion(rng, mean) } else { poisson_by_rejection(rng, mean) }
}

fn poisson_by_inversion(rng: &mut impl rand::Rng, mean: f64) -> u64 {
    if mean == 0.0 {
        return 0;
    }
    let at_0 = libm::exp(-mean);
    by_inversion(rng, at_0, INVERSION_UP_TO, |k| mean / (k + 1.0))
}

/// The k at which the cumulative probability reaches a uniform draw. `ratio(k)` is p(k+1) / p(k).
/// A draw so close to 1 that rounding would move it beyond `up_to` is drawn again.
fn by_inversion(rng: &mut impl rand::Rng, at_0: f64, up_to: u64, ratio: impl Fn(f64) -> f64) -> u64 {
    loop {
        let mut left = open_closed(rng);
        let mut probability = at_0;
        let mut k = 0.0;
        for count in 0..=up_to {
            if left <= probability {
                return count;
            }
            left -= probability;
            probability *= ratio(k);
            k += 1.0;
        }
    }
}

#[expect(clippy::many_single_char_names, reason = "the letters of the paper")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number that is not negative")]
fn poisson_by_rejection(rng: &mut impl rand::Rng, mean: f64) -> u64 {
    // The constants are Hörmann's fit of the hat to the Poisson histogram.
    let b = 0.931 + 2.53 * libm::sqrt(mean);
    let a = -0.059 + 0.02483 * b;
    let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    let sure = 0.9277 - 3.6224 / (b - 2.0);
    loop {
        let (u, v, rim) = hat_point(rng);
        let k = libm::floor((2.0 * a / rim + b) * u + mean + 0.43);
        if rim >= 0.07 && v <= sure {
            return k as u64;
        }
        if k < 0.0 || (rim < 0.013 && v > rim) {
            continue;
        }
        if libm::log(v * inverse_alpha / (a / (rim * rim) + b)) <= ln_poisson(k, mean) {
            return k as u64;
        }
    }
}

/// A uniform point under the table-mountain hat: u in [-1/2, 1/2), v in (0, 1], and the distance of u from the rim.
fn hat_point(rng: &mut impl rand::Rng) -> (f64, f64, f64) {
    let u = rng.random::<f64>() - 0.5;
    (u, open_closed(rng), 0.5 - libm::fabs(u))
}

/// Binomial(n, p): inversion below a mean of 10, BTRS (Hörmann 1993) above, exact up to the rounding of doubles.
///
/// # Panics
/// When p is not a probability, or n is 2^53 or more.
#[expect(clippy::cast_precision_loss, reason = "n is below 2^53")]
pub fn binomial(rng: &mut impl rand::Rng, n: u64, p: f64) -> u64 {
    assert!((0.0..=1.0).contains(&p), "a binomial count of probability {p}");
    assert!(n < 1 << 53, "a binomial count of {n}");
    // Both samplers need the rarer outcome; 1 - p is exact for p in [1/2, 1].
    if p > 0.5 {
        return n - binomial(rng, n, 1.0 - p);
    }
    if n == 0 || p == 0.0 {
        return 0;
    }
    let trials = n as f64;
    if trials * p < INVERSION_BELOW {
        let odds = p / (1.0 - p);
        let at_0 = libm::exp(trials * libm::log1p(-p));
        by_inversion(rng, at_0, n.min(INVERSION_UP_TO), |k| (trials - k) / (k + 1.0) * odds)
    } else {
        binomial_by_rejection(rng, trials, p)
    }
}

#[expect(clippy::many_single_char_names, reason = "the letters of the paper")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 0 to n")]
fn binomial_by_rejection(rng: &mut impl rand::Rng, n: f64, p: f64) -> u64 {
    // The constants are Hörmann's fit of the hat to the binomial histogram.
    let sd = libm::sqrt(n * p * (1.0 - p));
    let b = 1.15 + 2.53 * sd;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let c = n * p + 0.5;
    let sure = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * sd;
    let at_mode = ln_binomial(libm::floor((n + 1.0) * p), n, p);
    loop {
        let (u, v, rim) = hat_point(rng);
        let k = libm::floor((2.0 * a / rim + b) * u + c);
        if rim >= 0.07 && v <= sure {
            return k as u64;
        }
        if k < 0.0 || k > n {
            continue;
        }
        if libm::log(v * alpha / (a / (rim * rim) + b)) <= ln_binomial(k, n, p) - at_mode {
            return k as u64;
        }
    }
}

#[cfg(test)]
mod tests;
