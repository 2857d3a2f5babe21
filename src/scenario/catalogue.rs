use super::section::Machines;
use crate::{
    hardware::Machine,
    units::{Efficiency, Hashrate},
};

/// The machine catalogue shipped with the project.
pub struct Catalogue;

/// Stand-in until `hardware::catalogue` lands: name, TH/s, J/TH, release.
const MACHINES: [(&str, f64, f64, (i16, i8)); 4] = [
    ("Antminer S9", 13.5, 98.0, (2016, 6)),
    ("Antminer S17 Pro", 53.0, 39.5, (2019, 4)),
    ("Antminer S19 Pro", 110.0, 29.5, (2020, 5)),
    ("Antminer S21", 200.0, 17.5, (2023, 12)),
];

impl Machines for Catalogue {
    fn find(&self, name: &str) -> Option<Machine> {
        MACHINES.iter().find(|(model, ..)| *model == name).map(|&(model, hashrate, efficiency, release)| Machine {
            model: model.to_owned(),
            hashrate: Hashrate::from_th(hashrate),
            efficiency: Efficiency::new(efficiency),
            release,
        })
    }

    fn names(&self) -> Vec<String> {
        MACHINES.iter().map(|(model, ..)| (*model).to_owned()).collect()
    }
}
