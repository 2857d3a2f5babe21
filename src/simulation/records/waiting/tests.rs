use super::*;

/// A machine with lambda 40 stops at 32 and restarts at 50 USD/PH/day, and K is 20 USD/PH, so a switch costs 10.
fn machine() -> Machine {
    let [lambda, low, high] = [40.0, 32.0, 50.0].map(Hashprice::new);
    Machine { lambda, low, high, switch_usd_per_ph: 10.0, waiting: true, at_once: true, gain_usd_per_ph: 0.0 }
}

/// | hashprice | waiting | at once | gain so far |
/// |---|---|---|---|
/// | 45 | 5 | 5 | 0 |
/// | 36 | -4 | stops: -10 | 6 |
/// | 36 | -4 | 0 | 2 |
/// | 45 | 5 | restarts: 5 - 10 | 12 |
/// | 30 | stops: -10 | stops: -10 | 12 |
/// | 45 | 0 | restarts: 5 - 10 | 17 |
/// | 52 | restarts: 12 - 10 | 12 | 7 |
#[test]
fn by_hand_over_a_fall_and_a_rise() {
    let mut waiting = Waiting { machines: vec![machine(); 16], passed: Days::ZERO };
    for (hashprice, gain) in
        [(45.0, 0.0), (36.0, 6.0), (36.0, 2.0), (45.0, 12.0), (30.0, 12.0), (45.0, 17.0), (52.0, 7.0)]
    {
        waiting.pass(Hashprice::new(hashprice), Days::new(1.0));
        let total = waiting.machines[0].gain_usd_per_ph;
        assert!((total - gain).abs() < 1e-12, "{total} for {gain} at {hashprice}");
    }
    let gain = waiting.gain_usd_per_ph_year().expect("a machine waits");
    assert!((gain - 365.0).abs() < 1e-9, "7 USD in a week are 365 in a year: {gain}");
}

/// Half a day pays half, a switch costs the same.
#[test]
fn a_step_may_be_shorter_than_a_day() {
    let mut waiting = Waiting { machines: vec![machine(); 16], passed: Days::ZERO };
    waiting.pass(Hashprice::new(36.0), Days::new(0.5));
    assert!((waiting.machines[0].gain_usd_per_ph - 8.0).abs() < 1e-12);
}

#[test]
fn without_machines_that_wait_there_is_no_gain() {
    let mut waiting = Waiting::default();
    waiting.pass(Hashprice::new(45.0), Days::new(1.0));
    assert_eq!(waiting.gain_usd_per_ph_year(), None);
}
