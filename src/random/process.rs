//! Samplers over any [`rand::Rng`], built on `libm` alone.

use rand::RngExt;
use rand_distr::OpenClosed01;

fn open_closed(rng: &mut impl rand::Rng) -> f64 {
    rng.sample(OpenClosed01)
}

/// Exponential with mean 1.
pub fn exponential(rng: &mut impl rand::Rng) -> f64 {
    -libm::log(open_closed(rng))
}

/// Normal with mean 0 and variance 1 (Box and Muller 1958; the second of the pair is not kept, so that every draw takes two words).
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

/// Gamma with the given shape and scale 1.
pub fn gamma(rng: &mut impl rand::Rng, shape: f64) -> f64 {
    let _ = (rng, shape);
    todo!("helper C: Marsaglia and Tsang 2000, with the boost for shape < 1")
}

/// Beta(a, b), as the ratio of gammas.
pub fn beta(rng: &mut impl rand::Rng, a: f64, b: f64) -> f64 {
    let x = gamma(rng, a);
    let y = gamma(rng, b);
    x / (x + y)
}

/// Poisson with the given mean.
pub fn poisson(rng: &mut impl rand::Rng, mean: f64) -> u64 {
    let _ = (rng, mean);
    todo!("helper C: Hoermann's PTRS 1993 for mean >= 10, inversion below")
}

/// Binomial(n, p).
pub fn binomial(rng: &mut impl rand::Rng, n: u64, p: f64) -> u64 {
    let _ = (rng, n, p);
    todo!("helper C: exact, by the order statistics of uniforms (Devroye) or BTRS")
}
