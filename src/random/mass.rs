//! Probabilities of counts, by the saddle-point expansion of Loader, "Fast and accurate computation of binomial
//! probabilities" (2000). Unlike a difference of log-gammas it loses no digits at a mean of 10^9.

/// ln of the Poisson probability of k (a whole number >= 0) at a positive mean.
pub(super) fn ln_poisson(k: f64, mean: f64) -> f64 {
    if k == 0.0 {
        return -mean;
    }
    -stirling_error(k) - deviance(k, mean) - 0.5 * libm::log(std::f64::consts::TAU * k)
}

/// ln of the binomial probability of k out of n, for 0 < p < 1.
pub(super) fn ln_binomial(k: f64, n: f64, p: f64) -> f64 {
    let rest = n - k;
    if k == 0.0 {
        return n * libm::log1p(-p);
    }
    if rest == 0.0 {
        return n * libm::log(p);
    }
    stirling_error(n)
        - stirling_error(k)
        - stirling_error(rest)
        - deviance(k, n * p)
        - deviance(rest, n * (1.0 - p))
        - 0.5 * libm::log(std::f64::consts::TAU * k * (rest / n))
}

/// The remainder of Stirling's formula: `ln n! - [n ln n - n + ln(2 pi n) / 2]`, for n >= 1.
fn stirling_error(n: f64) -> f64 {
    // The error of the series is below 1/(1188 n^9): below 1e-14 from here on.
    if n < 16.0 {
        return libm::lgamma(n + 1.0) - (n + 0.5) * libm::log(n) + n - 0.5 * libm::log(std::f64::consts::TAU);
    }
    let n2 = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - 1.0 / 1680.0 / n2) / n2) / n2) / n
}

/// `x ln(x/m) + m - x`, without cancellation for x near m.
fn deviance(x: f64, m: f64) -> f64 {
    let gap = x - m;
    if libm::fabs(gap) >= 0.1 * (x + m) {
        return x * libm::log(x / m) + m - x;
    }
    // ln(x/m) = 2 artanh(v); the series in v = (x-m)/(x+m) converges by a factor v^2 <= 1/100 per term.
    let v = gap / (x + m);
    let v2 = v * v;
    let mut sum = gap * v;
    let mut power = 2.0 * x * v;
    let mut odd = 3.0;
    loop {
        power *= v2;
        let next = sum + power / odd;
        if next.to_bits() == sum.to_bits() {
            return next;
        }
        sum = next;
        odd += 2.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_mass_is_that_of_the_log_gamma() {
        for mean in [0.3_f64, 5.0, 10.0, 144.0, 2016.0] {
            for k in (0..40).map(|i| f64::from(i * i * 3)) {
                let plain = k * libm::log(mean) - mean - libm::lgamma(k + 1.0);
                let here = ln_poisson(k, mean);
                assert!((here - plain).abs() < 1e-11 * (1.0 + plain.abs()), "k {k}, mean {mean}: {here} not {plain}");
            }
        }
    }

    #[test]
    fn binomial_mass_sums_to_one_and_is_that_of_the_log_gamma() {
        for (n, p) in [(1.0, 0.3), (7.0, 0.5), (40.0, 0.02), (500.0, 0.31)] {
            let mut total = 0.0;
            let mut k = 0.0;
            while k <= n {
                let plain = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
                    + k * libm::log(p)
                    + (n - k) * libm::log1p(-p);
                let here = ln_binomial(k, n, p);
                assert!((here - plain).abs() < 1e-10, "k {k} of {n}: {here} not {plain}");
                total += libm::exp(here);
                k += 1.0;
            }
            assert!((total - 1.0).abs() < 1e-12, "n {n}: {total}");
        }
    }

    #[test]
    fn no_digits_are_lost_at_a_large_mean() {
        // At the mean itself the mass is 1/sqrt(2 pi m) up to a relative 1/(12 m).
        let expected = -0.5 * libm::log(std::f64::consts::TAU * 1e9) - 1.0 / 12e9;
        assert!((ln_poisson(1e9, 1e9) - expected).abs() < 1e-14);
    }
}
