//! The keys by which a scenario names a machine of the catalogue or gives figures of its own.

use super::{Cooling, Machine, find, nearest};
use crate::{
    declare::{Form, J_PER_TH, Params, ReadKeys, TH_PER_S, Usual, params},
    units::{Efficiency, Hashrate},
};

/// Usual efficiencies of machines.
pub const EFFICIENCY: Usual =
    Usual { low: 5.0, high: 1500.0, source: "the catalogue: 9394 (the first, 2013) to 9.5 J/TH; assumed below" };

/// The release month of a machine: year and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(i16, i8);

impl Form for Month {
    fn parse(text: &str) -> Result<Self, String> {
        let form = || "a month such as \"2016-06\"".to_owned();
        let (year, month) = text.split_once('-').ok_or_else(form)?;
        let (year, month) = (year.parse::<i16>().map_err(|_| form())?, month.parse::<i8>().map_err(|_| form())?);
        if (2009..2200).contains(&year) && (1..=12).contains(&month) { Ok(Self(year, month)) } else { Err(form()) }
    }

    fn write(&self) -> String {
        let Self(year, month) = self;
        format!("{year}-{month:02}")
    }
}

params! {
    /// The keys of a machine.
    #[derive(Clone, Debug)]
    pub struct MachineKeys, check {
        /// Name of a machine in the catalogue; alternatively give `hashrate_th_per_s` and `efficiency_j_per_th`.
        machine: Option<String>;
        /// Hashrate of one unit, instead of `machine`.
        hashrate: Option<Hashrate> => hashrate_th_per_s as TH_PER_S, within(1e-6, 1e6),
            usual(0.05, 5000.0, "the catalogue: 0.07 (2013) to 1000; assumed above");
        /// Energy per hash at the machine's plug, instead of `machine`.
        efficiency: Option<Efficiency> => efficiency_j_per_th as J_PER_TH, within(0.01, 1e9), usually(EFFICIENCY);
        /// Release month of a machine that is not in the catalogue; if absent, the machine counts as older than 2019.
        release: Option<Month> => |keys, key| keys.optional_form(key);
    }
}

impl MachineKeys {
    fn check(&self, keys: &impl ReadKeys) {
        match (&self.machine, self.hashrate, self.efficiency, self.release) {
            (None, Some(_), Some(_), _) => {}
            (Some(model), None, None, None) => {
                if find(model).is_none() {
                    refuse_unknown(keys, model);
                }
            }
            (model, ..) => {
                let (message, label) = if model.is_some() {
                    ("has a machine of the catalogue and own figures", "its figures come from the catalogue")
                } else {
                    ("needs a `machine`, or own `hashrate_th_per_s` and `efficiency_j_per_th`", "no machine")
                };
                keys.refuse(
                    "scenario::both",
                    format!("`{}` {message}", keys.name()),
                    ("machine", label.to_owned()),
                    "name a machine of the catalogue (`shakeout hardware` lists it), or give own figures, not both",
                );
            }
        }
    }
}

impl Machine {
    /// Reads a machine of the catalogue, or one of this name with the scenario's own figures.
    #[must_use]
    pub fn read(keys: &mut impl ReadKeys, name: &str) -> Self {
        let MachineKeys { machine, hashrate, efficiency, release } = MachineKeys::read(keys);
        let Month(year, month) = release.unwrap_or(Month(2009, 1));
        machine.as_deref().and_then(find).unwrap_or_else(|| Self {
            model: name.to_owned(),
            manufacturer: String::new(),
            hashrate: hashrate.unwrap_or(Hashrate::from_th(1.0)),
            efficiency: efficiency.unwrap_or(Efficiency::new(1.0)),
            release: (year, month),
            cooling: Cooling::Air,
        })
    }

    /// Notes a problem if it is to run in eco mode and has none.
    pub fn check_eco(&self, eco: bool, keys: &impl ReadKeys) {
        if eco && !self.supports_eco() {
            let (year, month) = self.release;
            keys.refuse(
                "scenario::eco",
                format!("`{}` has no eco mode", keys.name()),
                ("eco", format!("released {year}-{month:02}, before 2019")),
                "eco mode came with the machines of 2019; a machine with own figures needs `release = \"2020-05\"`",
            );
        }
    }
}

/// Notes that the key `machine` names a model that is not in the catalogue.
pub fn refuse_unknown(keys: &impl ReadKeys, model: &str) {
    let names = nearest(model);
    let label = names.first().map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
    let near = if names.len() > 1 { format!("near are {}; ", names.join(", ")) } else { String::new() };
    keys.refuse(
        "scenario::machine",
        format!("`{model}` is not in the machine catalogue"),
        ("machine", label),
        &format!(
            "{near}`shakeout hardware` lists the catalogue; or give `hashrate_th_per_s` and `efficiency_j_per_th`"
        ),
    );
}
