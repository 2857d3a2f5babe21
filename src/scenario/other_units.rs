//! Published figures often have another unit than the key. If a number is out of range and such a unit would explain it, the message names it.

use super::shape::{ValueKind, ValueSpec};
use crate::declare::{Key, Range, shown};

/// A unit of keys, and other units of the same quantity, each with the factor that converts a number.
type Unit = (&'static str, &'static [(&'static str, f64)]);

const OTHER_UNITS: [Unit; 20] = [
    ("USD/kWh", &[("USD/MWh", 1e-3), ("US cents per kWh", 1e-2), ("USD/MW per hour", 1e-3)]),
    ("EH/s", &[("PH/s", 1e-3), ("TH/s", 1e-6), ("H/s", 1e-18), ("ZH/s", 1e3)]),
    ("TH/s", &[("GH/s", 1e-3), ("MH/s", 1e-6), ("H/s", 1e-12), ("PH/s", 1e3)]),
    ("J/TH", &[("J/GH", 1e3), ("J/MH", 1e6)]),
    ("USD/BTC", &[("thousands of USD", 1e3), ("US cents", 1e-2)]),
    ("USD/(TH/s)", &[("USD/(PH/s)", 1e-3), ("USD/(EH/s)", 1e-6), ("USD/(GH/s)", 1e3)]),
    ("USD/(PH/s)", &[("USD/(TH/s)", 1e3), ("USD/(EH/s)", 1e-3)]),
    ("USD/(PH/s)/d", &[("USD/(TH/s)/d", 1e3), ("USD/(PH/s)/year", 1.0 / 365.0)]),
    ("USD/(PH/s)/year", &[("USD/(TH/s)/year", 1e3), ("USD/(PH/s)/d", 365.0)]),
    ("USD/MW", &[("millions of USD/MW", 1e6), ("USD/kW", 1e3)]),
    ("USD/MW/year", &[("millions of USD/MW/year", 1e6), ("USD/kW/year", 1e3)]),
    ("USD/kW", &[("USD/MW", 1e-3), ("USD/W", 1e3)]),
    ("MW", &[("kW", 1e-3), ("GW", 1e3)]),
    ("kg/kWh", &[("g/kWh", 1e-3)]),
    ("BTC", &[("satoshi", 1e-8)]),
    ("1/year", &[("per cent per year", 1e-2)]),
    ("d", &[("hours", 1.0 / 24.0), ("seconds", 1.0 / 86_400.0), ("months", 365.25 / 12.0), ("years", 365.0)]),
    ("month", &[("days", 12.0 / 365.25), ("years", 12.0)]),
    ("months", &[("days", 12.0 / 365.25), ("years", 12.0)]),
    ("", &[("per cent", 1e-2)]),
];

/// Multipliers of difficulty, which has no unit.
const DIFFICULTY: &[(&str, f64)] = &[("trillions", 1e12), ("billions", 1e9), ("millions", 1e6)];

/// The number to be written, if `value` would be usual in another unit of the key's quantity.
pub fn other_unit(value: f64, spec: &ValueSpec) -> Option<String> {
    if matches!(spec.kind, ValueKind::Integer) {
        return None;
    }
    let Key { name, unit, range, usual, .. } = spec.key;
    let fits = |meant: f64| match usual {
        Some(usual) => usual.holds(meant),
        None => range.fault(meant).is_none() && range != Range::ANY,
    };
    meant(name, value, unit, fits)
}

/// The number to be written, for a key by its name and unit; `fits` says whether a number in the key's unit would be usual.
pub fn meant(name: &str, value: f64, unit: &str, fits: impl Fn(f64) -> bool) -> Option<String> {
    let others = if name == "difficulty" { DIFFICULTY } else { OTHER_UNITS.iter().find(|(own, _)| *own == unit)?.1 };
    let (name, factor) = others.iter().find(|(_, factor)| fits(value * factor) && is_round(value * factor))?;
    let exponent = libm::round(libm::log10(*factor));
    let written = if exponent > 3.0 {
        format!("{value}e{exponent}")
    } else {
        // Rounded to 12 digits: 0.045 and not 0.045000000000000005.
        shown(format!("{:.12e}", value * factor).parse().unwrap_or(value * factor))
    };
    Some(format!("if {} is in {name}, write {written}", shown(value)))
}

/// Whether a number has few digits, as a written number would.
fn is_round(value: f64) -> bool {
    format!("{value:.5e}").parse().is_ok_and(|near: f64| (near / value - 1.0).abs() < 1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_in_another_unit_is_recognised() {
        let power = |value| meant("k", value, "USD/kWh", |meant| (0.01..=0.4).contains(&meant));
        assert_eq!(power(45.0).as_deref(), Some("if 45 is in USD/MWh, write 0.045"));
        assert_eq!(power(4.5).as_deref(), Some("if 4.5 is in US cents per kWh, write 0.045"));
        assert_eq!(power(1e6), None);
        let difficulty = meant("difficulty", 70.34, "", |meant| (1e11..1e15).contains(&meant));
        assert_eq!(difficulty.as_deref(), Some("if 70.34 is in trillions, write 70.34e12"));
        let share = meant("share", 27.0, "", |meant| (0.0..=1.0).contains(&meant));
        assert_eq!(share.as_deref(), Some("if 27 is in per cent, write 0.27"));
    }
}
