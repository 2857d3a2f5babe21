use crate::{
    declare::{Key, ReadKeys, Usual},
    hardware::{Cooling, Machine},
    scenario::{problem::Problem, section::Section, tree::Place},
    units::{Efficiency, Hashrate},
    world::FleetParams,
};

/// Usual efficiencies of machines.
pub const EFFICIENCY: Usual =
    Usual { low: 5.0, high: 1500.0, source: "the catalogue: 9394 (the first, 2013) to 9.5 J/TH; assumed below" };

/// A machine model of the fleet, with the place of its share.
pub struct FleetPart {
    /// Its parameters.
    pub params: FleetParams,
    /// Place of its share.
    pub share_at: Option<Place>,
}

/// Reads one `[fleet.NAME]`.
pub fn part(s: &mut Section<'_>) -> FleetPart {
    let name = s.last_name().to_owned();
    let share =
        s.number(Key::new("share", "Share of installed hashrate; the fleet's shares add up to 1.").within(0.0, 1.0));
    let share_at = s.place_of("share");
    let (machine, eco) = machine_and_eco(s, &name);
    FleetPart { params: FleetParams { name, machine, share, eco }, share_at }
}

/// The machine, and whether it can run in eco mode.
pub fn machine_and_eco(s: &mut Section<'_>, name: &str) -> (Machine, bool) {
    let mark = s.reading.mark();
    let machine = machine(s, name);
    let eco = s.boolean_or(
        Key::new("eco", "Whether it can run in eco mode; only machines released from 2019 on can.")
            .source("section 7.3, S48"),
        false,
    );
    if eco && s.reading.clean_since(mark) && machine.release < (2019, 1) {
        let (year, month) = machine.release;
        let problem = Problem::new("scenario::eco", format!("`{}` has no eco mode", s.name()));
        let label = format!("released {year}-{month:02}, before 2019");
        s.report(
            problem.at(s.place_of("eco"), label).help(
                "eco mode came with the machines of 2019; a machine with own figures needs `release = \"2020-05\"`",
            ),
        );
    }
    (machine, eco)
}

/// The machine, from the catalogue or from the scenario's own figures.
fn machine(s: &mut Section<'_>, name: &str) -> Machine {
    let mark = s.reading.mark();
    let model = s.optional_text(Key::new(
        "machine",
        "Name of a machine in the catalogue; alternatively give `hashrate_th_per_s` and `efficiency_j_per_th`.",
    ));
    let hashrate = s.optional_number(
        Key::new("hashrate_th_per_s", "Hashrate of one unit, instead of `machine`.")
            .unit("TH/s")
            .within(1e-6, 1e6)
            .usual(0.05, 5000.0, "the catalogue: 0.07 (2013) to 1000; assumed above"),
    );
    let efficiency = s.optional_number(
        Key::new("efficiency_j_per_th", "Energy per hash at the machine's plug, instead of `machine`.")
            .unit("J/TH")
            .within(0.01, 1e9)
            .usually(EFFICIENCY),
    );
    let release = s.optional_parsed(
        Key::new(
            "release",
            "Release month of a machine that is not in the catalogue; if absent, the machine counts as older than 2019.",
        ),
        write_month,
        parse_month,
    );
    let own = |hashrate: f64, efficiency: f64| Machine {
        model: name.to_owned(),
        manufacturer: String::new(),
        hashrate: Hashrate::from_th(hashrate),
        efficiency: Efficiency::new(efficiency),
        release: release.unwrap_or((2009, 1)),
        cooling: Cooling::Air,
    };
    let clean = s.reading.clean_since(mark);
    match (model, hashrate, efficiency) {
        (Some(model), None, None) if release.is_none() => s.reading.machines.find(&model).unwrap_or_else(|| {
            if clean {
                unknown_machine(s, &model);
            }
            own(1.0, 1.0)
        }),
        (None, Some(hashrate), Some(efficiency)) => own(hashrate, efficiency),
        (model, ..) => {
            if clean {
                let both = model.is_some();
                let message = if both {
                    "has a machine of the catalogue and own figures"
                } else {
                    "needs a `machine`, or own `hashrate_th_per_s` and `efficiency_j_per_th`"
                };
                let place = if both { s.place_of("machine") } else { s.header() };
                let label = if both { "its figures come from the catalogue" } else { "no machine" };
                let problem = Problem::new("scenario::both", format!("`{}` {message}", s.name()));
                s.report(problem.at(place, label).help(
                    "name a machine of the catalogue (`shakeout hardware` lists it), or give own figures, not both",
                ));
            }
            own(1.0, 1.0)
        }
    }
}

/// Reports a name that is not in the catalogue.
pub fn unknown_machine(s: &Section<'_>, model: &str) {
    let names = s.reading.machines.nearest(model);
    let label = names.first().map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
    let near = if names.len() > 1 { format!("near are {}; ", names.join(", ")) } else { String::new() };
    let problem = Problem::new("scenario::machine", format!("`{model}` is not in the machine catalogue"));
    s.report(problem.at(s.place_of("machine"), label).help(format!(
        "{near}`shakeout hardware` lists the catalogue; or give `hashrate_th_per_s` and `efficiency_j_per_th`"
    )));
}

fn parse_month(text: &str) -> Result<(i16, i8), String> {
    let form = || "a month such as \"2016-06\"".to_owned();
    let (year, month) = text.split_once('-').ok_or_else(form)?;
    let (year, month) = (year.parse::<i16>().map_err(|_| form())?, month.parse::<i8>().map_err(|_| form())?);
    if (2009..2200).contains(&year) && (1..=12).contains(&month) { Ok((year, month)) } else { Err(form()) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "keys write what they hold by reference")]
fn write_month((year, month): &(i16, i8)) -> String {
    format!("{year}-{month:02}")
}
