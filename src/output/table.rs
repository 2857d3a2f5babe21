//! The tables of a result folder. What their columns are is declared with their rows; from there follow headers, rows, Parquet
//! types and the book's list of columns.

use std::borrow::Cow;

use super::{
    drawn::{DrawnDay, DrawnRow},
    events::EventRow,
};
pub use crate::declare::{Column, Kind};
use crate::{
    declare::Row,
    simulation::{
        metrics::Metrics,
        record::{
            ClassRecord, DayRecord, EpochRecord, FirmRecord, FleetRecord, LadderRecord, LedgerRecord, RegionRecord,
            RigRecord, SupplyRecord, SurvivalRecord,
        },
    },
};

/// A table of the result folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Epochs,
    Days,
    Fleet,
    Survival,
    Restart,
    Supply,
    Rigs,
    Events,
    Firms,
    Regions,
    Replicas,
    Classes,
    Ledger,
    Drawn,
    Uncertain,
    UncertainDays,
}

/// The first column of every table.
pub const REPLICA: Column =
    Column { name: Cow::Borrowed("replica"), unit: "", kind: Kind::Count, doc: "Number of the history, from 0" };

impl Table {
    /// All of them, in the order in which they are documented and journalled.
    pub const ALL: [Self; 16] = [
        Self::Epochs,
        Self::Days,
        Self::Fleet,
        Self::Survival,
        Self::Restart,
        Self::Supply,
        Self::Rigs,
        Self::Events,
        Self::Firms,
        Self::Regions,
        Self::Replicas,
        Self::Classes,
        Self::Ledger,
        Self::Drawn,
        Self::Uncertain,
        Self::UncertainDays,
    ];

    /// What its row declares.
    fn declared(self) -> Declared {
        match self {
            Self::Epochs => Declared::of::<EpochRecord>(),
            Self::Days => Declared::of::<DayRecord>(),
            Self::Fleet => Declared::of::<FleetRecord>(),
            Self::Survival => Declared::of::<SurvivalRecord<'_>>(),
            Self::Rigs => Declared::of::<RigRecord<'_>>(),
            Self::Restart => Declared::of::<LadderRecord>(),
            Self::Supply => Declared::of::<SupplyRecord>(),
            Self::Events => Declared::of::<EventRow<'_>>(),
            Self::Firms => Declared::of::<FirmRecord<'_>>(),
            Self::Regions => Declared::of::<RegionRecord<'_>>(),
            Self::Replicas => Declared::of::<Metrics>(),
            Self::Classes => Declared::of::<ClassRecord<'_>>(),
            Self::Ledger => Declared::of::<LedgerRecord<'_>>(),
            Self::Drawn => Declared::of::<DrawnRow<'_>>(),
            Self::Uncertain => Declared {
                name: "uncertain",
                doc: "One row per replica, of runs with `[uncertainty]`: the metrics of its history with drawn assumptions.",
                ..Declared::of::<Metrics>()
            },
            Self::UncertainDays => Declared::of::<DrawnDay>(),
        }
    }

    /// Its name: that of its file, without the ending.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.declared().name
    }

    /// What one row is.
    #[must_use]
    pub fn doc(self) -> &'static str {
        self.declared().doc
    }

    /// The columns that together name a row: no two rows agree in all of them.
    #[must_use]
    pub fn key(self) -> Vec<&'static str> {
        [&["replica"], self.declared().key].concat()
    }

    /// Its columns, in order.
    #[must_use]
    pub fn columns(self) -> Vec<Column> {
        let mut columns = vec![REPLICA];
        columns.extend((self.declared().columns)());
        columns
    }

    /// The first line of its csv.
    #[must_use]
    pub fn header(self) -> Vec<u8> {
        let names: Vec<_> = self.columns().into_iter().map(|column| column.name).collect();
        (names.join(",") + "\n").into_bytes()
    }
}

/// What the row of a table declares.
struct Declared {
    name: &'static str,
    doc: &'static str,
    key: &'static [&'static str],
    columns: fn() -> Vec<Column>,
}

impl Declared {
    fn of<R: Row<'static>>() -> Self {
        Self { name: R::TABLE, doc: R::DOC, key: R::KEY, columns: R::columns }
    }
}

/// A table's name and columns.
pub type Described = (&'static str, Vec<Column>);

/// Which tables a run writes. `replicas` is always among them: the summary is made from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tables([bool; Table::ALL.len()]);

impl Tables {
    /// Every table of a run that follows no firm and draws no assumptions.
    #[must_use]
    pub const fn all() -> Self {
        let mut tables = [true; Table::ALL.len()];
        tables[Table::Ledger as usize] = false;
        tables[Table::Drawn as usize] = false;
        tables[Table::Uncertain as usize] = false;
        tables[Table::UncertainDays as usize] = false;
        Self(tables)
    }

    /// These, and the ledger of the firm that is followed.
    #[must_use]
    pub const fn with_ledger(mut self) -> Self {
        self.0[Table::Ledger as usize] = true;
        self
    }

    /// These, and those of histories with drawn assumptions.
    #[must_use]
    pub const fn with_drawn(mut self) -> Self {
        self.0[Table::Drawn as usize] = true;
        self.0[Table::Uncertain as usize] = true;
        self.0[Table::UncertainDays as usize] = self.0[Table::Days as usize];
        self
    }

    /// These, and `replicas`.
    #[must_use]
    pub fn of(tables: &[Table]) -> Self {
        Self(Table::ALL.map(|table| table == Table::Replicas || tables.contains(&table)))
    }

    /// Reads a list of names, such as `epochs,days`.
    ///
    /// # Errors
    /// Names the word that is no table, and those there are.
    pub fn parse(list: &str) -> Result<Self, UnknownTable> {
        let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
        let tables: Result<Vec<_>, _> = words
            .map(|word| {
                Self::all()
                    .iter()
                    .find(|table| table.name() == word)
                    .ok_or_else(|| UnknownTable { name: word.to_owned() })
            })
            .collect();
        Ok(Self::of(&tables?))
    }

    /// Whether this one is written.
    #[must_use]
    pub const fn contains(self, table: Table) -> bool {
        self.0[table as usize]
    }

    /// The tables that are written, with their columns.
    #[must_use]
    pub fn described(self) -> Vec<Described> {
        self.iter().map(|table| (table.name(), table.columns())).collect()
    }

    /// The tables that are written, in the order of [`Table::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Table> {
        Table::ALL.into_iter().filter(move |&table| self.contains(table))
    }
}

/// A csv file to be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    /// Without the ending.
    pub name: String,
    /// First line.
    pub header: Vec<u8>,
}

impl TableFile {
    /// The files of a run's tables.
    #[must_use]
    pub fn of(tables: Tables) -> Vec<Self> {
        tables.iter().map(|table| Self { name: table.name().to_owned(), header: table.header() }).collect()
    }
}

/// The names that [`Tables::parse`] reads, separated by commas.
#[must_use]
pub fn table_names() -> String {
    Tables::all().iter().map(Table::name).collect::<Vec<_>>().join(", ")
}

/// A table was asked for that there is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no table `{name}`; there are {}", table_names())]
pub struct UnknownTable {
    /// The name that was given.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::simulation::metrics::METRICS;

    /// The contract with other programs: these are not to be renamed, nor their order changed.
    #[test]
    fn headers_are_those_of_the_contract() {
        let header = |table: Table| String::from_utf8(table.header()).expect("names are ASCII");
        assert_eq!(
            header(Table::Epochs),
            "replica,epoch,start_height,start_time_utc,duration_days,difficulty,retarget_ratio,hashrate_eh_per_s,\
             running_hashrate_eh_per_s,price_usd,hashprice_usd_per_ph_day,active_share,sold_voluntary_btc,\
             sold_forced_btc,sold_liquidation_btc,defaults,hhi,runway_p10_days,runway_p50_days,runway_p90_days,gini,nakamoto,top1_share,\
             top5_share,top10_share,idle_overhang,sold_of_mined_share\n"
        );
        assert_eq!(
            header(Table::Days),
            "replica,time_utc,price_usd,base_price_usd,price_impact_share,hashrate_eh_per_s,idle_hashrate_eh_per_s,\
             delivered_eh_per_s,on_order_eh_per_s,ordered_eh_per_s,scrapped_eh_per_s,\
             failed_eh_per_s,broken_eh_per_s,converted_mw,machine_efficiency_j_per_th,revenue_usd_per_kwh,\
             difficulty,hashprice_usd_per_ph_day,block_interval_s,blocks,power_gw,co2_kt,co2_kg_per_kwh,underwater_share,\
             issued_btc,sold_voluntary_btc,sold_forced_btc,sold_liquidation_btc,cash_usd,debt_usd,coins_held_btc,\
             firms_in_arrears,coins_pledged_btc,lender_loss_usd,paired_price_usd,paired_sold_btc\n"
        );
        assert_eq!(
            header(Table::Fleet),
            "replica,epoch,time_utc,from_j_per_th,to_j_per_th,running_hashrate_eh_per_s,idle_hashrate_eh_per_s\n"
        );
        assert_eq!(
            header(Table::Survival),
            "replica,time_utc,by,group,surviving_share,liquidated_share,workout_share,surrendered_share,chapter11_share,epoch,\
             surviving_hashrate_share,running_share\n"
        );
        assert_eq!(
            header(Table::Rigs),
            "replica,time_utc,model,efficiency_j_per_th,price_usd_per_th,value_usd_per_th,traded_hashrate_th_per_s,\
             listed_hashrate_th_per_s\n"
        );
        assert!(header(Table::Restart).starts_with(
            "replica,epoch,time_utc,price_usd,hashprice_usd_per_ph_day,restartable_hashrate_eh_per_s,restart_10pct_"
        ));
        assert_eq!(
            header(Table::Supply),
            "replica,epoch,time_utc,hashprice_usd_per_ph_day,from_usd_per_ph_day,to_usd_per_ph_day,\
             running_hashrate_eh_per_s,idle_hashrate_eh_per_s\n"
        );
        assert_eq!(header(Table::Events), "replica,time_utc,kind,firm,hashrate_th_per_s,amount_usd,amount_btc,row\n");
        assert_eq!(
            header(Table::Firms),
            "replica,firm,class,region,weight_start,weight,state,exit_time_utc,installed_hashrate_th_per_s,\
             running_hashrate_th_per_s,cash_usd,coins_btc,debt_usd,power_mw,machine_efficiency_j_per_th,\
             power_price_usd_per_kwh,acquired_by\n"
        );
        let metrics: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        assert_eq!(header(Table::Replicas), format!("replica,{}\n", metrics.join(",")));
        assert_eq!(header(Table::Uncertain), header(Table::Replicas));
        assert_eq!(header(Table::Drawn), "replica,assumption,value\n");
        assert_eq!(
            header(Table::UncertainDays),
            "replica,time_utc,hashrate_eh_per_s,difficulty,hashprice_usd_per_ph_day\n"
        );
    }

    #[test]
    fn a_name_ends_in_its_unit() {
        let suffix = |unit| match unit {
            "" => "",
            "d" => "_days",
            "s" => "_s",
            // The price of a coin is dollars by long habit.
            "USD" | "USD/BTC" => "_usd",
            "BTC" => "_btc",
            "sat" => "_sat",
            "EH/s" => "_eh_per_s",
            "TH/s" => "_th_per_s",
            "GW" => "_gw",
            "MW" => "_mw",
            "TWh" => "_twh",
            "Mt" => "_mt",
            "kt" => "_kt",
            "J/TH" => "_j_per_th",
            "USD/(TH/s)" => "_usd_per_th",
            "USD/kWh" => "_usd_per_kwh",
            "kg/kWh" => "_kg_per_kwh",
            "USD/PH/day" => "_usd_per_ph_day",
            "USD/PH/year" => "_usd_per_ph_year",
            other => panic!("what does a name in {other} end in?"),
        };
        for table in Table::ALL.into_iter().filter(|table| ![Table::Replicas, Table::Uncertain].contains(table)) {
            for column in table.columns() {
                assert!(column.name.ends_with(suffix(column.unit)), "{}: {}", column.name, column.unit);
                let is_time = matches!(column.kind, Kind::Time | Kind::OptionalTime);
                assert_eq!(column.name.ends_with("_utc"), is_time, "{}", column.name);
            }
        }
    }

    #[test]
    fn columns_are_unique_and_documented() {
        for table in Table::ALL {
            let columns = table.columns();
            let names: BTreeSet<_> = columns.iter().map(|column| &column.name).collect();
            assert_eq!(names.len(), columns.len(), "{}", table.name());
            for Column { name, doc, .. } in columns {
                assert!(doc.starts_with(char::is_uppercase) && !doc.ends_with('.'), "{name}: {doc}");
                assert!(!doc.contains('|'), "{name}: {doc}");
            }
        }
    }

    #[test]
    fn a_key_is_of_columns() {
        for table in Table::ALL {
            let columns = table.columns();
            for name in table.key() {
                assert!(columns.iter().any(|column| column.name == *name), "{}: {name}", table.name());
            }
        }
    }

    #[test]
    fn a_list_of_tables_is_read() {
        let some = Tables::parse("days, epochs").expect("both are tables");
        assert_eq!(some.iter().collect::<Vec<_>>(), [Table::Epochs, Table::Days, Table::Replicas]);
        assert_eq!(Tables::parse("").expect("none is a list too"), Tables::of(&[]));
        let optional = Tables::all().with_ledger().with_drawn();
        assert_eq!(optional.iter().count(), Table::ALL.len());
        assert_eq!(Tables::all().iter().count() + 4, Table::ALL.len(), "all but the ledger and drawn assumptions");
        assert!(Tables::all().with_ledger().contains(Table::Ledger));
        let error = Tables::parse("days,weeks").expect_err("there are no weeks");
        let said = error.to_string();
        assert!(said.starts_with("there is no table `weeks`; there are epochs, days, "), "{said}");
        // Every table that is named is read, and every one that is read is named; the others have options of their own.
        let named: Vec<_> = said.rsplit("there are ").next().expect("names").split(", ").collect();
        for table in Table::ALL {
            let read = Tables::parse(table.name()).is_ok();
            let is_usual = Tables::all().contains(table);
            assert_eq!((read, named.contains(&table.name())), (is_usual, is_usual));
        }
    }
}
