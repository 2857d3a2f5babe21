//! Agreement of the tables of one replica.

use super::folder::{Folder, Picked};

struct Replica<'a> {
    folder: &'a Folder,
    replica: u64,
}

pub fn check(folder: &Folder, replica: u64) {
    let it = Replica { folder, replica };
    it.who_failed();
    it.coins_sold();
    it.hashrate();
    it.efficiency_energy_and_emissions();
    it.money();
    it.machines();
    it.chain_and_prices();
    it.concentration();
}

impl<'a> Replica<'a> {
    fn table(&self, name: &str) -> Picked<'a> {
        self.folder.replica(name, self.replica)
    }

    fn metric(&self, name: &str) -> f64 {
        self.folder.metric(name, self.replica)
    }

    /// Fails unless two numbers are equal, up to the rounding of sums. Missing in both counts as equal.
    #[track_caller]
    fn same(&self, what: &str, (a, b): (f64, f64)) {
        self.near(what, (a, b), 1e-9 * a.abs().max(b.abs()) + 1e-12);
    }

    #[track_caller]
    fn near(&self, what: &str, (a, b): (f64, f64), off: f64) {
        let holds = (a - b).abs() <= off || (a.is_nan() && b.is_nan());
        assert!(holds, "{}, replica {}: {what}: {a} and {b}", self.folder.name, self.replica);
    }

    /// By class: survivors in `survival.csv` and the remaining firms in `firms.csv`, counted by the miners of the start; failed
    /// firms, and the metrics.
    fn who_failed(&self) {
        let (firms, end) = (self.table("firms"), self.table("survival").with("by", "class").at(false));
        let (mut failed, mut settling) = (0.0, 0.0);
        for class in end.distinct("group") {
            let of_class = firms.with("class", class).that("weight_start", |weight| weight > 0.0);
            let start = of_class.sum("weight_start");
            let living = of_class.with("exit_time_utc", "");
            let row = end.with("group", class);
            let (surviving, lost) = (row.last("surviving_share"), row.last("liquidated_share"));
            self.same(&format!("{class} that go on"), (surviving, living.sum("weight") / start));
            let whole = of_class.with("state", "liquidated").sum("weight")
                + of_class.with("state", "liquidating").sum("weight");
            assert!(
                lost >= whole / start - 1e-9 && lost + surviving <= 1.0 + 1e-9,
                "{}: {class} {lost}",
                self.folder.name
            );
            let others =
                of_class.with("state", "acquired").sum("weight") + of_class.with("state", "exited").sum("weight");
            if !self.machines_are_traded() {
                self.same(&format!("{class} that failed"), (lost, 1.0 - surviving - others / start));
            }
            failed += lost * start;
            settling += of_class.with("state", "liquidating").sum("weight");
        }
        let late = firms.that("weight_start", |weight| weight == 0.0).with("state", "liquidated").sum("weight");
        self.near("miners liquidated", (failed - settling + late, self.metric("liquidated")), 1e-6 + 1e-9 * failed);
        self.same("miners that defaulted", (self.table("epochs").sum("defaults"), self.metric("defaults")));
        let arrears = firms.with("state", "arrears").count();
        self.same("firms in arrears", (self.table("days").last("firms_in_arrears"), arrears));
        let events = self.table("events");
        for (state, kind) in [("liquidated", "liquidation"), ("acquired", "acquisition")] {
            for firm in firms.with("state", state).texts("firm") {
                assert!(
                    events.with("firm", firm).with("kind", kind).count() > 0.0,
                    "{}: {kind} of {firm}",
                    self.folder.name
                );
            }
        }
    }

    fn machines_are_traded(&self) -> bool {
        self.table("rigs").count() > 0.0
    }

    /// Coins sold, by cause: by day, by epoch, by class and in total.
    fn coins_sold(&self) {
        let (days, epochs, classes) = (self.table("days"), self.table("epochs"), self.table("classes").at(false));
        let mut all = 0.0;
        for cause in ["sold_voluntary_btc", "sold_forced_btc", "sold_liquidation_btc"] {
            let metric = self.metric(cause);
            self.same(cause, (days.sum(cause), metric));
            self.same(cause, (epochs.sum(cause), metric));
            // A dormant firm may have sold up to a satoshi that is not yet deducted.
            let slack = 1e-8 * self.table("firms").count() + 1e-9 * metric;
            self.near(
                cause,
                (classes.distinct("class").iter().map(|class| classes.with("class", class).last(cause)).sum(), metric),
                slack,
            );
            all += metric;
        }
        let mined = self.metric("mined_btc");
        self.same("mined", (days.sum("issued_btc"), mined));
        self.same(
            "sold of mined",
            (self.metric("sold_of_mined_share"), if mined > 0.0 { all / mined } else { f64::NAN }),
        );
        let by_policy = self.metric("sold_voluntary_btc");
        let involuntary = if all > 0.0 { 1.0 - by_policy / all } else { f64::NAN };
        self.near("not of free will", (self.metric("sold_involuntary_share"), involuntary), 1e-9);
    }

    /// Running and idle hashrate at the start and at the end.
    fn hashrate(&self) {
        let (fleet, firms) = (self.table("fleet"), self.table("firms"));
        let (start, end) =
            (fleet.at(true).sum("running_hashrate_eh_per_s"), self.last_of("fleet", "running_hashrate_eh_per_s"));
        self.same("at the end, of the start", (self.metric("hashrate_end_share"), end / start));
        self.same("by firm", (firms.sum("running_hashrate_th_per_s") / 1e6, end));
        self.same("by class", (self.last_of("classes", "running_hashrate_eh_per_s"), end));
        self.same("by region, start", (self.table("regions").sum("start_hashrate_eh_per_s"), start));
        self.same("by region, end", (self.table("regions").sum("end_hashrate_eh_per_s"), end));
        self.same("by break-even", (self.last_of("supply", "running_hashrate_eh_per_s"), end));
        for class in firms.distinct("class") {
            let by_firm = firms.with("class", class).sum("running_hashrate_th_per_s") / 1e6;
            let by_class = self.table("classes").with("class", class).last("running_hashrate_eh_per_s");
            self.same(class, (by_firm, by_class));
        }
        let idle = self.last_of("fleet", "idle_hashrate_eh_per_s");
        self.same("idle by day", (self.table("days").last("idle_hashrate_eh_per_s"), idle));
        self.same("idle by break-even", (self.last_of("supply", "idle_hashrate_eh_per_s"), idle));
        let living = firms.with("exit_time_utc", "").sum("installed_hashrate_th_per_s") / 1e6;
        self.same("installed", (living, end + idle));
        self.same("active", (self.table("epochs").last("active_share"), end / (end + idle)));
        self.same("idle over running", (self.metric("idle_overhang_end"), over(idle, end)));
        let waits = self.table("restart").last("restartable_hashrate_eh_per_s");
        self.same("idle for hashprice's sake", (self.table("epochs").last("idle_overhang"), waits / end));
        self.same(
            "lowest day",
            (self.metric("lowest_day_share"), self.table("days").least("hashrate_eh_per_s") / start),
        );
        // If no firm has sites in two regions, firms and regions have equal hashrate.
        if !self.machines_are_traded() {
            for region in self.table("regions").texts("region") {
                let by_firm = firms.with("region", region).sum("running_hashrate_th_per_s") / 1e6;
                let by_region = self.table("regions").with("region", region).sum("end_hashrate_eh_per_s");
                self.same(&format!("region {region}"), (by_firm, by_region));
            }
        }
    }

    /// Sum of a column over the rows of a table's last instant. The epoch that the end of the run cuts appears there once.
    fn last_of(&self, table: &str, column: &str) -> f64 {
        self.table(table).at(false).sum(column)
    }

    /// Energy per hash of running machines at the end; energy and CO2 of the run.
    fn efficiency_energy_and_emissions(&self) {
        let (days, firms) = (self.table("days"), self.table("firms"));
        let end = self.metric("machine_efficiency_end_j_per_th");
        self.same("efficiency", (days.last("machine_efficiency_j_per_th"), end));
        let by_firm = firms.sum("power_mw") * 1e6 / firms.sum("running_hashrate_th_per_s") / self.folder.pue;
        self.near("efficiency by firm", (by_firm, end), 1e-6);
        // The mean efficiency of all machines of firms, running or not, lies within the bins of the table.
        let there = firms.with("exit_time_utc", "").that("installed_hashrate_th_per_s", |hash| hash > 0.0);
        let hash = there.numbers("installed_hashrate_th_per_s");
        let mean = weighted(&hash, &there.numbers("machine_efficiency_j_per_th"));
        let bins = self.table("fleet").at(false);
        let in_bin: Vec<f64> = bins
            .numbers("running_hashrate_eh_per_s")
            .iter()
            .zip(bins.numbers("idle_hashrate_eh_per_s"))
            .map(|(on, off)| on + off)
            .collect();
        let upper: Vec<f64> =
            bins.numbers("to_j_per_th").iter().map(|edge| if edge.is_nan() { f64::INFINITY } else { *edge }).collect();
        let (low, high) = (weighted(&in_bin, &bins.numbers("from_j_per_th")), weighted(&in_bin, &upper));
        assert!(
            low - 1e-9 <= mean && mean <= high + 1e-9,
            "{}: {mean} J/TH by firm, {low} to {high} by bin",
            self.folder.name
        );
        let length_h = 24.0 * self.folder.days / days.count();
        let energy = self.metric("energy_twh");
        self.same("energy by day", (days.sum("power_gw") * length_h / 1e3, energy));
        self.same("energy by region", (self.table("regions").sum("energy_twh"), energy));
        let co2 = self.metric("co2_mt");
        self.same("CO2 by day", (days.sum("co2_kt") / 1e3, co2));
        self.same("CO2 by region", (self.table("regions").sum("co2_mt"), co2));
    }

    /// Cash, coins and debt of firms and classes; lenders' losses.
    fn money(&self) {
        let (days, firms) = (self.table("days"), self.table("firms"));
        let dollar = 1.0 + 1e-9 * days.most("cash_usd").abs().max(days.most("debt_usd"));
        self.near("debt by class", (self.last_of("classes", "debt_usd"), days.last("debt_usd")), dollar);
        self.near("debt by firm", (firms.sum("debt_usd"), days.last("debt_usd")), dollar);
        self.near("cash by class", (self.last_of("classes", "cash_usd"), firms.sum("cash_usd")), dollar);
        self.near("cash by day", (firms.sum("cash_usd"), days.last("cash_usd")), dollar);
        self.near("coins", (self.last_of("classes", "coins_held_btc"), firms.sum("coins_btc")), 1e-8 * firms.count());
        assert!(
            firms.sum("coins_btc") >= days.last("coins_held_btc") - 1e-6,
            "{}: the pool pays out at the end",
            self.folder.name
        );
        // The loss of a lender without recourse is not in the event, which has the claim that ends.
        let events = self.table("events");
        if events.with("kind", "collateral_taken").count() == 0.0 {
            let lost = |kind: &str| events.with("kind", kind).sum("amount_usd");
            let told = lost("liquidation") + lost("restructuring") + lost("chapter11_end");
            self.near("lenders' losses by firm", (told, self.metric("lender_loss_usd")), dollar);
        }
        self.near("lenders' losses", (days.sum("lender_loss_usd"), self.metric("lender_loss_usd")), dollar);
    }

    /// Machines that arrived and left, relative to installed hashrate at the start.
    fn machines(&self) {
        let start = self.table("fleet").at(true);
        let installed = start.sum("running_hashrate_eh_per_s") + start.sum("idle_hashrate_eh_per_s");
        let days = self.table("days");
        for (column, metric) in [
            ("delivered_eh_per_s", "delivered_share"),
            ("scrapped_eh_per_s", "scrapped_share"),
            ("failed_eh_per_s", "failed_share"),
        ] {
            self.near(column, (days.sum(column) / installed, self.metric(metric)), 1e-9);
        }
        let events = self.table("events");
        let eh = |kind: &str| events.with("kind", kind).sum("hashrate_th_per_s") / 1e6;
        self.near("ordered", (eh("order") + eh("entry"), days.sum("ordered_eh_per_s")), 1e-9 * installed);
        // Machines that find no place on arrival are delivered and scrapped, and are recorded at no firm.
        let delivered = days.sum("delivered_eh_per_s");
        assert!(
            eh("delivery") <= delivered + 1e-9 * installed,
            "{}: {} of {delivered}",
            self.folder.name,
            eh("delivery")
        );
        self.same("converted", (days.last("converted_mw"), self.metric("converted_mw")));
    }

    /// Difficulty, blocks, prices: by day, by epoch and in total.
    fn chain_and_prices(&self) {
        let (days, epochs) = (self.table("days"), self.table("epochs"));
        let first = epochs.numbers("difficulty")[0];
        self.same("difficulty", (days.last("difficulty") / first, self.metric("difficulty_end_share")));
        self.same("largest fall", (epochs.least("retarget_ratio").min(1.0) - 1.0, self.metric("worst_retarget")));
        self.near("blocks", (self.folder.days - days.sum("blocks") / 144.0, self.metric("block_delay_days")), 1e-6);
        self.same(
            "lowest hashprice",
            (days.least("hashprice_usd_per_ph_day"), self.metric("hashprice_low_usd_per_ph_day")),
        );
        self.same(
            "hashprice of the last day",
            (days.last("hashprice_usd_per_ph_day"), self.metric("hashprice_end_usd_per_ph_day")),
        );
        self.same("under water", (days.most("underwater_share"), self.metric("underwater_share_max")));
        let lowest = days.least("price_usd");
        let there = days.that("price_usd", |price| price == lowest).numbers("price_impact_share")[0];
        self.near("impact", (there, self.metric("price_impact_attributable")), 1e-9);
        let ratio = days
            .numbers("price_usd")
            .into_iter()
            .zip(days.numbers("base_price_usd"))
            .map(|(price, base)| price / base - 1.0);
        for (ratio, impact) in ratio.zip(days.numbers("price_impact_share")) {
            self.near("impact of a day", (ratio, impact), 1e-9);
        }
    }

    /// Concentration of existing owners of machines, recomputed from `firms.csv`.
    fn concentration(&self) {
        let epochs = self.table("epochs");
        for index in ["hhi", "gini", "nakamoto", "top1_share", "top5_share", "top10_share"] {
            self.same(index, (epochs.last(index), self.metric(&format!("{index}_end"))));
        }
        let owners =
            self.table("firms").with("exit_time_utc", "").that("installed_hashrate_th_per_s", |hash| hash > 0.0);
        let mut sizes: Vec<(f64, f64)> = owners
            .numbers("running_hashrate_th_per_s")
            .into_iter()
            .zip(owners.numbers("weight"))
            .map(|(hash, weight)| (hash / weight, weight))
            .collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let all: f64 = sizes.iter().map(|(size, weight)| size * weight).sum();
        let count: f64 = sizes.iter().map(|(_, weight)| weight).sum();
        let hhi: f64 = sizes.iter().map(|(size, weight)| weight * (size / all) * (size / all)).sum();
        self.near("HHI", (hhi, self.metric("hhi_end")), 1e-9);
        // The mean difference of all pairs over twice the mean, computed from the ranks of owners in increasing order.
        let mut before = 0.0;
        let ranks: f64 = sizes
            .iter()
            .map(|(size, weight)| {
                let term = size * weight * (2.0 * before + weight - count);
                before += weight;
                term
            })
            .sum();
        self.near("Gini", (ranks / (count * all), self.metric("gini_end")), 1e-9);
        let mut left = 5.0;
        let top5: f64 = sizes
            .iter()
            .rev()
            .map(|&(size, weight)| {
                let taken = weight.min(left);
                left -= taken;
                taken * size / all
            })
            .sum();
        self.near("the five largest", (top5, self.metric("top5_share_end")), 1e-9);
    }
}

/// Weighted mean.
fn weighted(weights: &[f64], values: &[f64]) -> f64 {
    let sum: f64 = weights.iter().zip(values).map(|(weight, value)| weight * value).sum();
    sum / weights.iter().sum::<f64>()
}

/// A ratio; NaN for zero over zero.
fn over(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}
