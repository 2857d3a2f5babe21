//! The exact thresholds of the option rule.
//!
//! The value of an idle lot is `V_off = -f/r + A x^b1`, of a running one `V_on = x/(r - mu) - k/r + B x^b2`, where f is due either way, k = f +
//! lambda, and b1 > 1, b2 < 0 solve `sigma^2 b (b - 1)/2 + mu b = r`. At `x_H` an idle lot starts: `V_on = V_off + K_on` and the slopes are equal; at
//! `x_L` likewise `V_off = V_on + K_off`. Four equations for `x_L`, `x_H`, A, B.
//!
//! Only `G = V_on - V_off` matters, in which f cancels. With y = ln(x/lambda), in units of lambda, and u = y - `y_L`: `g(u) = p e^u - 1/r + B e^(b2
//! u) - A e^(b1 u)`, p = e^(`y_L`)/(r - mu). Given `y_L`, `g(0) = -K_off` and `g'(0) = 0` determine A and B. Then g' has at most one more zero u*
//! (three exponentials, two changes of sign), and exactly one when A > 0: the restart threshold, if `g(u*) = K_on`. This height falls from infinity
//! to `-K_off` as `x_L` rises from `(lambda - r K_off)(b1 - 1)/b1`, the threshold of an owner without the option to restart (A = 0), to `lambda - r
//! K_off`, the threshold of an owner that ignores the value of waiting. So the problem is one equation with a guaranteed bracket. Its unknown is ln A
//! and not `y_L`, since the option to restart may be worth 10^-50 of a lot's cost and still determine when it is exercised. Newton's method is kept
//! inside the bracket by bisection, likewise for u*, and the result is checked.

use super::band_half_width;
use crate::units::{Hashprice, YEAR_DAYS};

/// Below this half-width the formula's own error, of the order of h^2, is lost in rounding.
const FORMULA_BELOW: f64 = 1e-6;
/// Values of A below e^-690 of its bound are not resolved by doubles.
const FAINTEST: f64 = 690.0;
/// Far above what bisection alone needs from any bracket of doubles.
const MAX_STEPS: u32 = 300;

/// Why there are no exact thresholds.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum NoThresholds {
    /// A parameter is outside its range.
    #[error("{name} must be {wanted}, not {value}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Its range, in words.
        wanted: &'static str,
        /// Its value.
        value: f64,
    },
    /// If the discount rate does not exceed the growth of hashprice, the value of a machine is unbounded.
    #[error(
        "the discount rate, {discount_per_year} a year, must exceed the drift of hashprice, {drift_per_year} a year"
    )]
    DiscountNotAboveDrift {
        /// r, 1/year.
        discount_per_year: f64,
        /// mu, 1/year.
        drift_per_year: f64,
    },
    /// Stopping costs as much as running at a loss for ever.
    #[error(
        "stopping costs {stopping_usd_per_ph} USD per PH/s, as much as running without revenue for ever: no hashprice is low enough to stop"
    )]
    NeverStops {
        /// `K_off`, USD per PH/s.
        stopping_usd_per_ph: f64,
    },
    /// The search did not end; not known to happen.
    #[error("the search for the exact thresholds at an avoidable cost of {lambda} did not converge")]
    NotConverged {
        /// The lot's avoidable cost.
        lambda: Hashprice,
    },
}

/// (`x_L`, `x_H`): the hashprices at which it is optimal to stop a running lot and to start an idle one, when stopping costs `stopping_usd_per_ph`
/// (`K_off`) and starting `starting_usd_per_ph` (`K_on`). Costs due either way (f) have no effect. Rates are per year of 365 days, the volatility per
/// square root of a day.
///
/// # Errors
/// When a parameter is out of its range, r <= mu, or stopping costs lambda/r or more; or when the search fails.
pub fn exact_thresholds(
    lambda: Hashprice,
    volatility_per_sqrt_day: f64,
    discount_per_year: f64,
    drift_per_year: f64,
    stopping_usd_per_ph: f64,
    starting_usd_per_ph: f64,
) -> Result<(Hashprice, Hashprice), NoThresholds> {
    let above_zero = [
        ("the avoidable cost, USD/PH/day,", lambda.get()),
        ("the volatility of hashprice, per sqrt(day),", volatility_per_sqrt_day),
        ("the discount rate, per year,", discount_per_year),
    ];
    let not_below_zero = [
        ("the cost of stopping, USD per PH/s,", stopping_usd_per_ph),
        ("the cost of starting, USD per PH/s,", starting_usd_per_ph),
    ];
    for (name, value) in above_zero {
        in_range(name, "above zero", value, value > 0.0)?;
    }
    for (name, value) in not_below_zero {
        in_range(name, "zero or above", value, value >= 0.0)?;
    }
    in_range("the drift of hashprice, per year,", "finite", drift_per_year, true)?;
    if discount_per_year <= drift_per_year {
        return Err(NoThresholds::DiscountNotAboveDrift { discount_per_year, drift_per_year });
    }
    let h = band_half_width(volatility_per_sqrt_day, stopping_usd_per_ph + starting_usd_per_ph, lambda);
    if h < FORMULA_BELOW {
        return Ok((lambda * libm::exp(-h), lambda * libm::exp(h)));
    }
    let (discount, drift) = (discount_per_year / YEAR_DAYS, drift_per_year / YEAR_DAYS);
    let stopping = stopping_usd_per_ph / lambda.get();
    if discount * stopping >= 1.0 {
        return Err(NoThresholds::NeverStops { stopping_usd_per_ph });
    }
    let problem = Problem::new(volatility_per_sqrt_day, discount, drift, stopping);
    let (low, high) =
        problem.solve(starting_usd_per_ph / lambda.get(), h).ok_or(NoThresholds::NotConverged { lambda })?;
    Ok((lambda * libm::exp(low), lambda * libm::exp(high)))
}

fn in_range(name: &'static str, wanted: &'static str, value: f64, holds: bool) -> Result<(), NoThresholds> {
    if holds && value.is_finite() { Ok(()) } else { Err(NoThresholds::OutOfRange { name, wanted, value }) }
}

/// The problem in units of lambda and days.
struct Problem {
    /// b1 > 1.
    upper_root: f64,
    /// b2 < 0.
    lower_root: f64,
    /// r.
    discount: f64,
    /// r - mu.
    yield_per_day: f64,
    /// `K_off` / lambda.
    stopping: f64,
}

impl Problem {
    fn new(volatility: f64, discount: f64, drift: f64, stopping: f64) -> Self {
        let variance = volatility * volatility;
        let middle = 0.5 - drift / variance;
        let root = libm::sqrt(middle * middle + 2.0 * discount / variance);
        // The root of the larger magnitude has no cancellation; the other follows from their product, -2r/sigma^2.
        let product = -2.0 * discount / variance;
        let (upper_root, lower_root) = if middle > 0.0 {
            (middle + root, product / (middle + root))
        } else {
            (product / (middle - root), middle - root)
        };
        Self { upper_root, lower_root, discount, yield_per_day: discount - drift, stopping }
    }

    /// (`y_L`, `y_H`), with the formula's half-width as the first guess.
    fn solve(&self, starting: f64, h: f64) -> Option<(f64, f64)> {
        let wanted = self.stopping + starting;
        // A at the threshold of an owner that ignores the value of waiting, e^(y_L) = 1 - r K_off: above any solution.
        let top = libm::log(self.option_value(1.0 - self.discount * self.stopping));
        let start = libm::log(self.option_value(libm::exp(-h)));
        let ln_a = bracketed_root((top - FAINTEST, top), start, |ln_a| match self.peak(ln_a, 2.0 * h) {
            // The height falls with A; the search wants a function that rises.
            Some(peak) => (wanted - peak.rise, -peak.change),
            // If the option value is so small that the peak is beyond the range of doubles, the height is far too large.
            None => (f64::NEG_INFINITY, f64::NAN),
        })?;
        let peak = self.peak(ln_a, 2.0 * h)?;
        let low = libm::log(self.revenue(libm::exp(ln_a)) * self.yield_per_day);
        // At an end of the bracket the search ends too, with another height.
        (libm::fabs(peak.rise - wanted) <= 1e-6 * wanted).then_some((low, low + peak.at))
    }

    /// A, given e^(`y_L`); negative if a restart would never be optimal.
    fn option_value(&self, low: f64) -> f64 {
        let (b1, b2) = (self.upper_root, self.lower_root);
        (low / self.yield_per_day - self.least_revenue()) * (1.0 - b2) / (b1 - b2)
    }

    /// p, given A.
    fn revenue(&self, a: f64) -> f64 {
        let (b1, b2) = (self.upper_root, self.lower_root);
        self.least_revenue() + a * (b1 - b2) / (1.0 - b2)
    }

    /// p at A = 0.
    fn least_revenue(&self) -> f64 {
        (1.0 / self.discount - self.stopping) * -self.lower_root / (1.0 - self.lower_root)
    }

    /// The peak of g for this A, searched from `guess`; `None` when it is beyond the range of doubles.
    fn peak(&self, ln_a: f64, guess: f64) -> Option<Peak> {
        let (b1, b2) = (self.upper_root, self.lower_root);
        let a = libm::exp(ln_a);
        let p = self.revenue(a);
        let b = 1.0 / self.discount - self.stopping - p + a;
        // The first derivative is zero at 0, which takes the constants out of the exponentials.
        let slope = |u: f64| {
            let value = p * libm::expm1(u) + b2 * b * libm::expm1(b2 * u) - b1 * a * libm::expm1(b1 * u);
            let change = p * libm::exp(u) + b2 * b2 * b * libm::exp(b2 * u) - b1 * b1 * a * libm::exp(b1 * u);
            (-value, -change)
        };
        let limit = FAINTEST / b1;
        let mut beyond = guess.min(limit);
        while slope(beyond).0 <= 0.0 {
            if beyond >= limit {
                return None;
            }
            beyond = (2.0 * beyond).min(limit);
        }
        // At 0 itself the slope is zero too, so the bracket begins above it.
        let at = bracketed_root((f64::MIN_POSITIVE, beyond), 0.75 * beyond, slope)?;
        let [e, e1, e2] = [at, b1 * at, b2 * at].map(exp_beyond_linear);
        let p_change = (b1 - b2) / (1.0 - b2);
        // At the peak, a change of its position has no first-order effect, so only A's own part counts.
        let change = a * (p_change * e + (1.0 - p_change) * e2 - e1);
        Some(Peak { at, rise: p * e + b * e2 - a * e1, change })
    }
}

/// The restart threshold that belongs to a trial value of A.
struct Peak {
    /// u*.
    at: f64,
    /// `g(u*) - g(0)`.
    rise: f64,
    /// Derivative of the rise with respect to ln A.
    change: f64,
}

/// `e^z - 1 - z`, to full precision near zero.
fn exp_beyond_linear(z: f64) -> f64 {
    if libm::fabs(z) > 0.05 {
        return libm::expm1(z) - z;
    }
    let mut term = 0.5 * z * z;
    let mut sum = term;
    let mut n = 3.0;
    while libm::fabs(term) > 1e-17 * sum {
        term *= z / n;
        sum += term;
        n += 1.0;
    }
    sum
}

/// The root of a function that is negative (or zero) at the bracket's lower end and positive at its upper, given as
/// (value, derivative): Newton's method from `start`, with a bisection wherever a step would leave the bracket or is
/// not below half the last. `None` when it has not converged to rounding after [`MAX_STEPS`].
fn bracketed_root((mut low, mut high): (f64, f64), start: f64, f: impl Fn(f64) -> (f64, f64)) -> Option<f64> {
    let mut x = if start > low && start < high { start } else { 0.5 * (low + high) };
    let mut last_step = high - low;
    for _ in 0..MAX_STEPS {
        let (value, derivative) = f(x);
        if value > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = x - value / derivative;
        let inside = newton >= low && newton <= high && libm::fabs(newton - x) < 0.5 * last_step;
        let next = if inside { newton } else { 0.5 * (low + high) };
        last_step = libm::fabs(next - x);
        x = next;
        if last_step <= 4.0 * f64::EPSILON * libm::fabs(x) {
            return Some(x);
        }
    }
    None
}
