//! Free entry at a falling barrier (Prat and Walter).
//!
//! Machines improve at a constant rate, anyone may buy one, and once bought it runs for ever. Then entry occurs exactly when hashprice would rise
//! above a barrier that falls with the cost of machines, and there is no entry while hashprice is below it.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | r | `discount_per_year` | 1/year | discount rate |
//! | alpha | `growth_per_year` | 1/year | drift of the reward in USD |
//! | sigma | `volatility_per_year` | 1/sqrt(year) | its volatility |
//! | a | `decline_per_year` | 1/year | rate at which machines get better |
//! | `I_0` | `cost_usd_per_ph` | USD per PH/s | machine and place, at the start |
//! | `C_0` | `running_usd_per_ph_year` | USD per PH/s and year | running cost, at the start; a PH/s bought later costs less to run at the same rate a |
//! | `x_0` | [`Barrier::at_start`] | USD per PH/s and year | the barrier at the start |
//!
//! ```text
//! beta > 1 solves  sigma^2 beta (beta - 1)/2 + (alpha + a) beta - (r + a) = 0
//! x(t) = (r - alpha) beta/(beta - 1) (I_0 + C_0/r) e^(-a t)
//! ```
//!
//! As sigma goes to 0, with alpha = 0, the barrier is (r + a)(I + C/r): Jorgenson's user cost, interest and loss of value. Volatility raises the
//! barrier: waiting loses nothing that entry would not take away anyway, so the barrier compensates for the fall after entry.
//!
//! Hashprice here is what a PH/s earns once difficulty has followed, `144 (S + F) P / H`: entrants are not misled by a difficulty
//! that lags behind. The hashrate that brings it down to the barrier is [`Barrier::hashrate_ph`].
//!
//! **Known error.** No machine is ever switched off and the running cost is sunk with the machine (the C/r term); machines are delivered at once and
//! in unlimited number.
//!
//! **Sources.** Prat and Walter, "An equilibrium model of the market for bitcoin mining", JPE 129 (2021), re-derived; its value
//! condition is checked by Monte Carlo in the tests. Jorgenson, "Capital theory and investment behavior", AER 53 (1963) 247-259.

use super::params::Barrier;
use crate::units::{Hashprice, Usd, YEAR_DAYS};

const BLOCKS_PER_DAY: f64 = 144.0;

impl Barrier {
    /// beta/(beta - 1), by the form of the root that holds down to sigma = 0; 1 where hashprice never comes back (beta is infinite).
    #[must_use]
    pub fn wedge(&self) -> f64 {
        let variance = self.volatility_per_year * self.volatility_per_year;
        let drift = self.growth_per_year + self.decline_per_year - variance / 2.0;
        let rate = self.discount_per_year + self.decline_per_year;
        let root = drift + libm::sqrt(drift * drift + 2.0 * variance * rate);
        // beta = 2 rate / root.
        2.0 * rate / (2.0 * rate - root)
    }

    /// The barrier at the start, USD per PH/s and day.
    #[must_use]
    pub fn at_start(&self) -> Hashprice {
        let (r, alpha) = (self.discount_per_year, self.growth_per_year);
        let cost = self.cost_usd_per_ph + self.running_usd_per_ph_year / r;
        Hashprice::new((r - alpha) * self.wedge() * cost / YEAR_DAYS)
    }

    /// The barrier after a number of days.
    #[must_use]
    pub fn after(&self, days: f64) -> Hashprice {
        self.at_start() * libm::exp(-self.decline_per_year * days / YEAR_DAYS)
    }

    /// The hashrate at which hashprice, with a block every 600 s, is at the barrier: `144 (S + F) P / x`, PH/s.
    #[must_use]
    pub fn hashrate_ph(&self, reward_of_a_block: Usd, days: f64) -> f64 {
        BLOCKS_PER_DAY * reward_of_a_block.get() / self.after(days).get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, standard_normal, stream};
    use rand::RngExt;

    /// The case of the model's T12.
    const CASE: Barrier = Barrier {
        discount_per_year: 0.15,
        growth_per_year: 0.0,
        volatility_per_year: 0.6,
        decline_per_year: 0.35,
        cost_usd_per_ph: 1.0,
        running_usd_per_ph_year: 0.0,
    };

    /// T12: beta = 1.260 and a barrier of 0.727 I, per year; beta solves its equation.
    #[test]
    fn t12_closed_form() {
        let wedge = CASE.wedge();
        let beta = wedge / (wedge - 1.0);
        assert!((beta - 1.260).abs() < 5e-4, "{beta}");
        assert!((0.18 * beta * (beta - 1.0) + 0.35 * beta - 0.5).abs() < 1e-12);
        assert!((CASE.at_start().get() * 365.0 - 0.727).abs() < 5e-4, "{}", CASE.at_start());
        assert!((CASE.after(365.0) / CASE.at_start() - libm::exp(-0.35)).abs() < 1e-12);
    }

    /// T12: without volatility and growth the barrier is Jorgenson's user cost (r + a) I, running cost counted as a stream for ever.
    #[test]
    fn t12_without_volatility_it_is_the_user_cost() {
        for (sigma, tolerance) in [(0.0, 1e-12), (1e-4, 1e-7), (1e-2, 1e-3)] {
            let still = Barrier { volatility_per_year: sigma, running_usd_per_ph_year: 0.3, ..CASE };
            let user_cost = (0.15 + 0.35) * (1.0 + 0.3 / 0.15);
            assert!((still.at_start().get() * 365.0 / user_cost - 1.0).abs() < tolerance, "sigma {sigma}");
        }
    }

    /// T12: a machine bought at the barrier is worth what it costs. Hashprice relative to the barrier is a Brownian motion with drift
    /// alpha + a - sigma^2/2 reflected at 1; the highest point between two instants of the grid is drawn from the bridge's law, so
    /// that reflection has no bias of the step.
    #[test]
    fn t12_value_at_the_barrier_is_the_cost() {
        let (r, a, sigma) = (CASE.discount_per_year, CASE.decline_per_year, CASE.volatility_per_year);
        let drift = CASE.growth_per_year + a - sigma * sigma / 2.0;
        let barrier = CASE.at_start().get() * 365.0;
        let (dt, steps, paths) = (0.05, 400, 6000);
        let mut rng = stream(12, 0, Purpose::Price, 0);
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..paths {
            let (mut free, mut highest, mut value) = (0.0, 0.0, 0.0);
            let mut flow = barrier;
            for step in 1..=steps {
                let next = free + drift * dt + sigma * libm::sqrt(dt) * standard_normal(&mut rng);
                let uniform: f64 = 1.0 - rng.random::<f64>();
                let gap: f64 = next - free;
                let bridge =
                    0.5 * (free + next + libm::sqrt(gap * gap - 2.0 * sigma * sigma * dt * libm::log(uniform)));
                highest = f64::max(highest, bridge);
                free = next;
                let then = barrier * libm::exp(free - highest - (r + a) * dt * f64::from(step));
                value += 0.5 * (flow + then) * dt;
                flow = then;
            }
            sum += value;
            squares += value * value;
        }
        let n = f64::from(paths);
        let (mean, error) = (sum / n, libm::sqrt((squares / n - (sum / n) * (sum / n)) / n));
        assert!((mean - 1.0).abs() < 4.0 * error + 2e-3, "{mean} with a standard error of {error}");
        assert!(error < 5e-3, "{error}");
    }

    #[test]
    fn hashrate_at_the_barrier_earns_the_barrier() {
        let reward = Usd::new(6.25 * 40_000.0);
        let ph = CASE.hashrate_ph(reward, 100.0);
        assert!((144.0 * reward.get() / ph / CASE.after(100.0).get() - 1.0).abs() < 1e-12);
    }
}
