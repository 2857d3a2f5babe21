use crate::declare::{Column, Kind, Sheet};

/// What `shakeout hardware --csv` prints, and `--catalogue` reads.
pub const SHEET: Sheet = Sheet {
    name: "hardware",
    doc: "One row per machine of the catalogue, as `shakeout hardware --csv` prints it.",
    key: &["model"],
    columns: &[
        Column::new("model", "", Kind::Text, "Name of the machine, as scenarios write it"),
        Column::new("manufacturer", "", Kind::Text, "Its manufacturer"),
        Column::new("release_month", "", Kind::Text, "Year and month of its release"),
        Column::new("hashrate_th_per_s", "TH/s", Kind::Number, "Hashrate at full power"),
        Column::new("power_w", "W", Kind::Number, "Power at full power"),
        Column::new("efficiency_j_per_th", "J/TH", Kind::Number, "Energy per hash at full power"),
        Column::new("cooling", "", Kind::Text, "How it is cooled"),
        Column::new("eco", "", Kind::Text, "Whether it has an eco mode: yes or no"),
    ],
    others: None,
};
