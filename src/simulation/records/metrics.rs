//! The metrics of a replica: their definitions and their computation.

use super::{co2_mt, converted_mw, machine_efficiency, measure::LowestPrice, owners, ratio};
use crate::{
    declare::{Group, Metric, metrics},
    mechanism::power::Responding,
    simulation::Simulation,
    units::{DAY_S, Hashrate, Sats, Seconds},
    world::{
        Resale,
        ledger::{Cause, Sold},
    },
};

/// Description of each metric, in the order of `summary.json` and of the columns of `replicas.csv`.
pub const METRICS: &[Metric] = Metrics::LIST;

pub use super::measure::TROUGH_WITHIN;

const NO_FALL: &str = "Hashrate never fell below its previous peak";

metrics! {
    /// One row per replica: its metrics. Empty means never.
    pub struct Metrics in "replicas" {
        /// Lowest epoch mean of running hashrate, as a share of the highest before it
        hashrate_trough_share: f64, no_fall(1.0, NO_FALL), called(Group::Hashrate, "lowest, of the peak before"), percent, main,
            said("Hashrate fell to {} of its previous peak");
        /// Days from that peak to the middle of the first epoch whose mean is within 1 % of the lowest
        days_to_trough: f64 as "d", no_fall(0.0, NO_FALL), called(Group::Hashrate, "from that peak to the trough"), main,
            said("The trough of hashrate came {} after that peak");
        /// Days from that peak until an epoch is back at 95 % of it; 0 where it never fell so far
        days_to_95pct: Option<f64> as "d", no_fall(0.0, "Hashrate never fell below 95 % of its previous peak"), called(Group::Hashrate, "until back at 95 % of that peak"), main,
            said("Hashrate was back at 95 % of its previous peak {} after it"),
            unsaid("Hashrate did not return to 95 % of its previous peak before the end");
        /// Days from that peak until an epoch is back at all of it; 0 where it never fell
        days_to_100pct: Option<f64> as "d", no_fall(0.0, NO_FALL), called(Group::Hashrate, "until back at that peak"),
            said("Hashrate was back at its previous peak {} after it"),
            unsaid("Hashrate did not return to its previous peak before the end");
        /// Running hashrate of the lowest day, as a share of the start
        lowest_day_share: f64, called(Group::Hashrate, "lowest day, of the start"), percent,
            said("On its lowest day hashrate was {} of what it was at the start");
        /// Running hashrate at the end, as a share of the start
        hashrate_end_share: f64, called(Group::Hashrate, "at the end, of the start"), percent, main,
            said("At the end hashrate was {} of what it was at the start");
        /// Longest difficulty epoch, first block to first block of the next or to the end
        longest_epoch_days: f64 as "d", called(Group::Difficulty, "longest epoch (schedule: 14 days)"), main,
            said("The longest difficulty epoch took {}, against 14 days on schedule");
        /// Largest downward difficulty adjustment, as a ratio less 1; 0 where difficulty never fell
        worst_retarget: f64, no_fall(0.0, "Difficulty never fell"), called(Group::Difficulty, "largest downward adjustment"), percent, main,
            said("The largest downward difficulty adjustment was {}");
        /// Difficulty at the end, as a share of the start
        difficulty_end_share: f64, called(Group::Difficulty, "at the end, of the start"), percent,
            said("At the end difficulty was {} of what it was at the start");
        /// How far the chain is behind a block every 600 s at the end; negative when ahead
        block_delay_days: f64 as "d", called(Group::Difficulty, "chain behind schedule at the end"),
            said("At the end the chain was {} behind schedule");
        /// Standard deviation of daily changes of the logarithm of running hashrate
        hashrate_volatility_per_sqrt_day: Option<f64> as "1/sqrt(day)", measured, called(Group::Hashrate, "daily volatility"), percent,
            said("The daily volatility of hashrate was {}");
        /// Standard deviation over days of the pace of blocks to be expected of hashrate and difficulty, 1 being one every 600 s
        block_pace_sd: Option<f64>, measured, called(Group::Difficulty, "spread of the daily block rate"), percent,
            said("The daily block rate had a standard deviation of {} of its target");
        /// Lowest daily hashprice
        hashprice_low_usd_per_ph_day: f64 as "USD/PH/day", called(Group::Revenue, "lowest hashprice"), main,
            said("Hashprice was {} on its lowest day");
        /// Hashprice of the last day
        hashprice_end_usd_per_ph_day: f64 as "USD/PH/day", called(Group::Revenue, "hashprice at the end"), main,
            said("On the last day hashprice was {}");
        /// Largest fall of the price by miners' sales, as a ratio less 1; 0 where they do not move it
        price_impact_worst: f64, no_fall(0.0, "Miners' sales never lowered the price"), called(Group::Coins, "largest fall by miners' sales"), percent, main,
            said("At most, miners' sales moved the price by {}");
        /// Change of the price on its lowest day by miners' sales, as a ratio less 1; under the square-root law by those beyond the same seed without the shock
        price_impact_attributable: f64, called(Group::Coins, "effect of sales on the lowest day"), percent,
            said("On the day of the lowest price, miners' sales beyond those without the shock had moved it by {}");
        /// Share of the distance of the lowest price from that of the same seed without the shock (linear law: from the start), in logarithms, that is due to these sales; 0 where it is not lower
        price_fall_attributable_share: f64, called(Group::Coins, "share of the fall due to sales"), percent,
            said("Miners' sales caused {} of the fall of the price");
        /// Coins sold beyond those of the same seed without the shock, where the law of impact compares the two
        excess_sold_btc: Option<f64> as "BTC", measured, called(Group::Coins, "sold beyond the run without shock"),
            said("Miners sold {} more than without the shock");
        /// Largest daily share of running hashrate whose avoidable cost exceeds hashprice
        underwater_share_max: f64, called(Group::Revenue, "most running below break-even"), percent, main,
            said("On the worst day {} of running hashrate was below break-even");
        /// Avoidable cost of machines while it exceeded what they earned, less that
        underwater_loss_usd: f64 as "USD", called(Group::Revenue, "losses of running below break-even"),
            said("Machines that ran below break-even lost {}");
        /// What machines that wait (option rule) would have earned beyond switching at once, half of K for each stop and restart, at the history's hashprice and the start's costs
        waiting_gain_usd_per_ph_year: Option<f64> as "USD/PH/year", measured, called(Group::Revenue, "gain by waiting"),
            said("Waiting changed what machines earned by {}, against stopping and restarting at once");
        /// Hashrate of machines that came from manufacturers, as a share of what was installed at the start
        delivered_share: f64, called(Group::Machines, "delivered, of the start"), percent, main,
            said("Manufacturers delivered {} of the hashrate installed at the start");
        /// Hashrate of machines that were scrapped, as a share of what was installed at the start
        scrapped_share: f64, called(Group::Machines, "scrapped, of the start"), percent, main,
            said("Machines with {} of the hashrate installed at the start were scrapped");
        /// Hashrate of machines of firms that failed, gone with them, taken by lenders or sold, as a share of what was installed at the start
        failed_share: f64, called(Group::Machines, "lost by failed firms, of the start"), percent,
            said("Firms that failed lost machines with {} of the hashrate installed at the start");
        /// Hashrate of machines whose place went to another use, as a share of what was installed at the start
        released_share: f64, called(Group::Machines, "gone for other uses, of the start"), percent,
            said("Machines with {} of the hashrate installed at the start gave their place to another use");
        /// Power of sites that went from mining to another use
        converted_mw: f64 as "MW", called(Group::Machines, "power gone to other uses"), main,
            said("Other uses took {} of power from mining");
        /// Lowest daily revenue per energy at the machines that run
        revenue_floor_usd_per_kwh: Option<f64> as "USD/kWh", measured, called(Group::Revenue, "lowest revenue per energy"),
            said("Revenue per energy was {} on its lowest day");
        /// Slope of a line through the logarithm of daily hashprice
        hashprice_trend_per_year: Option<f64> as "1/year", measured, called(Group::Revenue, "trend of hashprice"), percent,
            said("The logarithmic trend of hashprice was {}");
        /// Slope of a line through the logarithm of daily revenue per energy
        revenue_trend_per_year: Option<f64> as "1/year", measured, called(Group::Revenue, "trend of revenue per energy"), percent,
            said("The logarithmic trend of revenue per energy was {}");
        /// Idle hashrate over running hashrate at the end
        idle_overhang_end: Option<f64>, measured, called(Group::Hashrate, "idle at the end, of running"), percent,
            said("At the end idle hashrate was {} of running hashrate");
        /// Largest idle hashrate that hashprice alone kept off, over running hashrate, at the ends of epochs
        idle_overhang_max: Option<f64>, measured, called(Group::Hashrate, "most idle for want of hashprice"), percent,
            said("At most, hashprice kept off machines with {} of running hashrate");
        /// Hashrate of firms that did not pay within the grace period, as a share of what was installed at the start
        defaulted_hashrate_share: f64, called(Group::Firms, "hashrate of firms that defaulted"), percent, main,
            said("Firms with {} of the hashrate installed at the start defaulted");
        /// Part of that hashrate in proportion to bills for power, crew and overheads in what its owners had to pay when their arrears began
        defaulted_for_bills_share: f64, called(Group::Firms, "of this for power, crew, overheads"), percent,
            said("Of the hashrate installed at the start, {} defaulted for bills for power, crew and overheads");
        /// The same in proportion to interest
        defaulted_for_interest_share: f64, called(Group::Firms, "of this for interest"), percent,
            said("Of the hashrate installed at the start, {} defaulted for interest");
        /// The same in proportion to principal: by schedule, at the end of a loan, or claimed after a lender took too little for its pledge
        defaulted_for_principal_share: f64, called(Group::Firms, "of this for principal"), percent,
            said("Of the hashrate installed at the start, {} defaulted for principal of loans");
        /// Firms that did not pay within the grace period, by weight, each counted once
        defaults: f64, called(Group::Firms, "firms that defaulted"),
            said("{} firms defaulted");
        /// Of these, firms whose creditors agreed to wait, by weight, each counted once
        restructured: f64, called(Group::Firms, "firms whose creditors waited"),
            said("The creditors of {} firms in default agreed to wait");
        /// Of these, firms that went on under Chapter 11, by weight, each counted once
        chapter11: f64, called(Group::Firms, "firms that went into Chapter 11"),
            said("{} firms went on under Chapter 11");
        /// Firms that were liquidated, by weight
        liquidated: f64, called(Group::Firms, "firms liquidated"),
            said("{} firms were liquidated");
        /// Firms of which a lender without recourse took what was pledged, in default, or after a margin call and with a loss, by weight, each counted once
        surrendered: f64, called(Group::Firms, "firms that gave up collateral"),
            said("Lenders without recourse took the collateral of {} firms");
        /// Share of the firms of the start that are left at the end, by weight
        surviving_share: Option<f64>, measured, called(Group::Firms, "firms of the start that are left"), percent, main,
            said("Of the firms of the start {} were left at the end");
        /// Share of the firms of the start that are left at the end and still owe creditors that agreed to wait, by weight
        surviving_workout_share: Option<f64>, measured, called(Group::Firms, "left, while creditors wait"), percent,
            said("Of the firms of the start {} were left while creditors waited");
        /// Share of the firms of the start that are left at the end under Chapter 11, by weight
        surviving_chapter11_share: Option<f64>, measured, called(Group::Firms, "left under Chapter 11"), percent,
            said("Of the firms of the start {} were left under Chapter 11");
        /// Share of the hashrate of the start whose owners are left at the end, in its fifth with the cheapest power
        surviving_cheapest_share: Option<f64>, measured, called(Group::Firms, "left, cheapest power"), percent,
            said("In the fifth of hashrate with the cheapest power, the owners of {} were left at the end");
        /// The same of its fifth with the dearest power
        surviving_dearest_share: Option<f64>, measured, called(Group::Firms, "left, dearest power"), percent,
            said("In the fifth of hashrate with the dearest power, the owners of {} were left at the end");
        /// The same of its fifth with the most efficient machines, by the means of firms
        surviving_efficient_share: Option<f64>, measured, called(Group::Firms, "left, most efficient machines"), percent,
            said("In the fifth of hashrate with the most efficient machines, the owners of {} were left at the end");
        /// The same of its fifth with the least efficient machines
        surviving_inefficient_share: Option<f64>, measured, called(Group::Firms, "left, least efficient machines"), percent,
            said("In the fifth of hashrate with the least efficient machines, the owners of {} were left at the end");
        /// Proceeds of stock that firms sold because cash was short, where a class has a programme
        stock_sold_usd: Option<f64> as "USD", measured, called(Group::Firms, "stock sold"),
            said("Firms sold stock for {}");
        /// Principal, and interest that had fallen due, that lenders gave up or lost
        lender_loss_usd: f64 as "USD", called(Group::Firms, "lenders' losses"), main,
            said("Lenders lost {}");
        /// Subsidy and fees of all blocks
        mined_btc: f64 as "BTC", called(Group::Coins, "earned from blocks"),
            said("Miners earned {} from blocks");
        /// Coins sold by policy
        sold_voluntary_btc: f64 as "BTC", called(Group::Coins, "sold by policy"),
            said("Miners sold {} by policy");
        /// Coins sold because cash was short
        sold_forced_btc: f64 as "BTC", called(Group::Coins, "sold because cash was short"), main,
            said("Miners sold {} because cash was short");
        /// Coins sold out of firms that failed
        sold_liquidation_btc: f64 as "BTC", called(Group::Coins, "sold out of failed firms"),
            said("Sales out of failed firms were {}");
        /// Share of the coins sold that was sold because cash was short or out of firms that failed
        sold_involuntary_share: Option<f64>, measured, called(Group::Coins, "involuntary, of all coins sold"), percent,
            said("Of the coins sold {} were sold because cash was short or out of failed firms");
        /// Pledged coins that lenders sold
        collateral_liquidated_btc: f64 as "BTC", called(Group::Coins, "pledged coins that lenders sold"), main,
            said("Lenders sold {} of pledged coins");
        /// Shortest days of runway of the median miner at the end of an epoch; never where it burns no cash
        runway_low_days: Option<f64> as "d", called(Group::Firms, "shortest runway, median miner"),
            said("At its shortest, the runway of the median miner was {}"),
            unsaid("The median miner burned no cash at the end of any epoch");
        /// Coins sold over coins mined
        sold_of_mined_share: Option<f64>, measured, called(Group::Coins, "sold, of coins mined"), percent, main,
            said("Miners sold {} of the coins that they mined");
        /// Coins sold over coins traded, where the law of impact has a volume
        sold_of_volume_share: Option<f64>, measured, called(Group::Coins, "sold, of the market's volume"), percent,
            said("Miners' sales were {} of the market's volume");
        /// Herfindahl-Hirschman index of running hashrate by owner, at the start
        hhi_start: f64, called(Group::Owners, "Herfindahl-Hirschman index, start"),
            said("The Herfindahl-Hirschman index of owners was {} at the start");
        /// Herfindahl-Hirschman index of running hashrate by owner, at the end
        hhi_end: f64, called(Group::Owners, "Herfindahl-Hirschman index, end"),
            said("The Herfindahl-Hirschman index of owners was {} at the end");
        /// Owners that together run more than half of hashrate, at the start
        nakamoto_start: f64, called(Group::Owners, "owners of half of hashrate, start"),
            said("{} owners ran more than half of hashrate at the start");
        /// Owners that together run more than half of hashrate, at the end
        nakamoto_end: f64, called(Group::Owners, "owners of half of hashrate, end"),
            said("{} owners ran more than half of hashrate at the end");
        /// Gini coefficient of running hashrate over owners of machines, idle ones included, at the start
        gini_start: f64, called(Group::Owners, "Gini coefficient, start"),
            said("The Gini coefficient of owners was {} at the start");
        /// Gini coefficient of running hashrate over owners of machines, idle ones included, at the end
        gini_end: f64, called(Group::Owners, "Gini coefficient, end"),
            said("The Gini coefficient of owners was {} at the end");
        /// Share of running hashrate of the largest owner, at the start
        top1_share_start: f64, called(Group::Owners, "largest owner, start"), percent,
            said("The largest owner ran {} of hashrate at the start");
        /// Share of running hashrate of the largest owner, at the end
        top1_share_end: f64, called(Group::Owners, "largest owner, end"), percent,
            said("The largest owner ran {} of hashrate at the end");
        /// Share of running hashrate of the five largest owners, at the start
        top5_share_start: f64, called(Group::Owners, "five largest owners, start"), percent,
            said("The five largest owners ran {} of hashrate at the start");
        /// Share of running hashrate of the five largest owners, at the end
        top5_share_end: f64, called(Group::Owners, "five largest owners, end"), percent, main,
            said("The five largest owners ran {} of hashrate at the end");
        /// Share of running hashrate of the ten largest owners, at the start
        top10_share_start: f64, called(Group::Owners, "ten largest owners, start"), percent,
            said("The ten largest owners ran {} of hashrate at the start");
        /// Share of running hashrate of the ten largest owners, at the end
        top10_share_end: f64, called(Group::Owners, "ten largest owners, end"), percent,
            said("The ten largest owners ran {} of hashrate at the end");
        /// Firms bought by others, by weight, where they can be
        acquisitions: Option<f64>, measured, called(Group::Owners, "firms bought by others"),
            said("{} firms were bought by others");
        /// Hashrate of firms bought by others, as a share of what was installed at the start
        acquired_hashrate_share: Option<f64>, measured, called(Group::Owners, "hashrate of firms bought"), percent,
            said("Firms with {} of the hashrate installed at the start were bought by others");
        /// Hashrate of machines sold out of the network or as scrap, as a share of what was installed at the start
        machines_left_share: Option<f64>, measured, called(Group::Machines, "sold abroad or as scrap, of start"), percent, main,
            said("Machines with {} of the hashrate installed at the start were sold out of the network or as scrap");
        /// What buyers of used machines paid and sellers did not get: the broker's fees, and what he gained on machines of his own; it leaves the model
        broker_gain_usd: Option<f64> as "USD", measured, called(Group::Machines, "kept by the broker"),
            said("The broker of used machines kept {}");
        /// Elasticity of the price of new machines to the 21-day mean of hashprice, from start to end
        rig_price_elasticity_new: Option<f64>, measured, called(Group::Machines, "elasticity of new machines' price"),
            said("The price of new machines followed hashprice with an elasticity of {}");
        /// Elasticity of the price of the middle generation's machines to that mean
        rig_price_elasticity_mid: Option<f64>, measured, called(Group::Machines, "elasticity of mid machines' price"),
            said("The price of machines of the middle generation followed hashprice with an elasticity of {}");
        /// Elasticity of the price of old machines to that mean
        rig_price_elasticity_old: Option<f64>, measured, called(Group::Machines, "elasticity of old machines' price"),
            said("The price of old machines followed hashprice with an elasticity of {}");
        /// Energy at the machine per hash of what runs, at the start
        machine_efficiency_start_j_per_th: Option<f64> as "J/TH", measured, called(Group::Machines, "mean efficiency, running, start"),
            said("The machines that ran at the start needed {} on average");
        /// Energy at the machine per hash of what runs, at the end
        machine_efficiency_end_j_per_th: Option<f64> as "J/TH", measured, called(Group::Machines, "mean efficiency, running, end"),
            said("The machines that ran at the end needed {} on average");
        /// Energy at the meter
        energy_twh: f64 as "TWh", called(Group::Energy, "energy at the meter"), main,
            said("Miners used {}");
        /// CO2 of that energy
        co2_mt: f64 as "Mt", called(Group::Energy, "CO2 of that energy"),
            said("The energy of miners caused {} of CO2");
        /// Contracted power resold at peak prices
        left_twh: f64 as "TWh", called(Group::Energy, "contracted power resold"), main,
            said("Sites resold {} of contracted power at peak prices");
        /// Income from power left to others and from load that could be called off
        demand_response_usd: f64 as "USD", called(Group::Energy, "income from demand response"), main,
            said("Sites earned {} from power resold and load called off");
        /// Charges for load in the grid's coincident peaks
        peak_charge_usd: f64 as "USD", called(Group::Energy, "charges for peaks"),
            said("Sites were charged {} for their load at the peaks of the grid");
        /// These charges, as a share of those with all installed machines on at every peak; 0 where there was none
        peak_charged_share: f64, called(Group::Energy, "share of load on at peaks"),
            said("At the peaks of the grid, {} of the installed load was on");
        /// Mean time between blocks
        block_interval_mean_s: Option<f64> as "s", measured, called(Group::Difficulty, "mean time between blocks"),
            said("Blocks came every {} on average");
        /// Standard deviation of the gaps between blocks, where each is drawn
        block_interval_sd_s: Option<f64> as "s", measured, called(Group::Difficulty, "spread of block intervals"),
            said("Block intervals had a standard deviation of {}");
        /// Longest gap between blocks, where each is drawn
        block_gap_longest_s: Option<f64> as "s", measured, called(Group::Difficulty, "longest gap between blocks"),
            said("The longest gap between blocks was {}");
    }
}

/// The metrics of the history so far.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one line for each metric")]
pub fn metrics(simulation: &Simulation<'_>) -> Metrics {
    let (measure, ledger, fleet, opening) =
        (&simulation.records.measure, &simulation.world.ledger, &simulation.world.fleet, &simulation.records.opening);
    let recovery = measure.recovery(Hashrate::from_mh(opening.running_mh).eh());
    let Sold { voluntary, forced, liquidation } = ledger.sold;
    let tally = &simulation.world.distress.tally;
    let (before, after) = (opening.concentration, owners::concentration(&simulation.world));
    let gaps = simulation.world.chain.gap_statistics().filter(|gaps| gaps.count > 0);
    let energy = measure.energy_twh();
    let [for_bills, for_interest, for_principal] =
        tally.defaulted_for.map(|hashrate| ratio(hashrate.mh(), opening.installed_mh));
    let [[efficient, inefficient], [cheapest, dearest]] = [0, 1].map(|order| {
        let left = |firm| owners::surviving_mh(simulation, firm);
        simulation.records.survival.fifths(order, &simulation.world.population.firms, left)
    });
    Metrics {
        hashrate_trough_share: recovery.trough_share,
        days_to_trough: recovery.days_to_trough,
        days_to_95pct: recovery.days_to_95,
        days_to_100pct: recovery.days_to_100,
        lowest_day_share: measure.lowest_day() / Hashrate::from_mh(opening.running_mh).eh(),
        hashrate_end_share: ratio(fleet.running_mh, opening.running_mh),
        longest_epoch_days: measure.longest_epoch() / DAY_S,
        worst_retarget: measure.worst_ratio() - 1.0,
        difficulty_end_share: simulation.world.chain.difficulty() / opening.difficulty,
        block_delay_days: (simulation.world.clock.now - simulation.records.found_blocks * 600.0) / DAY_S,
        hashrate_volatility_per_sqrt_day: measure.hashrate_volatility(),
        block_pace_sd: measure.pace_deviation(),
        hashprice_low_usd_per_ph_day: measure.lowest_hashprice(),
        hashprice_end_usd_per_ph_day: measure.last_hashprice(),
        price_impact_worst: simulation.sales.worst_factor - 1.0,
        price_impact_attributable: measure.lowest_price.map_or(0.0, |lowest| libm::expm1(lowest.impact)),
        price_fall_attributable_share: attributable_fall(simulation),
        excess_sold_btc: simulation
            .sales
            .paired(simulation.world.clock.days)
            .map(|day| (ledger.sold.total() - day.sold).btc()),
        underwater_share_max: measure.highest_underwater(),
        underwater_loss_usd: measure.underwater_loss_usd,
        waiting_gain_usd_per_ph_year: simulation.records.waiting.gain_usd_per_ph_year(),
        delivered_share: ratio(simulation.world.inventory.delivered.mh(), opening.installed_mh),
        scrapped_share: ratio(simulation.world.inventory.scrapped.mh(), opening.installed_mh),
        failed_share: ratio(simulation.world.inventory.failed.mh(), opening.installed_mh),
        released_share: ratio(simulation.world.inventory.released.mh(), opening.installed_mh),
        converted_mw: converted_mw(simulation),
        revenue_floor_usd_per_kwh: measure.lowest_revenue(),
        hashprice_trend_per_year: measure.hashprice_trend(),
        revenue_trend_per_year: measure.revenue_trend(),
        idle_overhang_end: (fleet.running_mh > 0)
            .then(|| ratio(fleet.installed_mh - fleet.running_mh, fleet.running_mh)),
        idle_overhang_max: measure.highest_overhang,
        defaulted_hashrate_share: ratio(tally.defaulted.mh(), opening.installed_mh),
        defaulted_for_bills_share: for_bills,
        defaulted_for_interest_share: for_interest,
        defaulted_for_principal_share: for_principal,
        defaults: tally.defaults,
        restructured: tally.restructured,
        chapter11: tally.chapter11,
        liquidated: tally.liquidated,
        surrendered: tally.surrendered,
        surviving_share: simulation
            .records
            .survival
            .share_of_all(&simulation.world.population.firms, |firm| owners::alive(simulation, firm)),
        surviving_workout_share: simulation
            .records
            .survival
            .share_of_all(&simulation.world.population.firms, |firm| owners::in_workout(simulation, firm)),
        surviving_chapter11_share: simulation
            .records
            .survival
            .share_of_all(&simulation.world.population.firms, |firm| owners::in_chapter11(simulation, firm)),
        surviving_cheapest_share: cheapest,
        surviving_dearest_share: dearest,
        surviving_efficient_share: efficient,
        surviving_inefficient_share: inefficient,
        stock_sold_usd: (simulation.world.terms().classes.iter().any(|class| class.equity.is_some()))
            .then(|| ledger.flows[Cause::StockSold as usize]),
        lender_loss_usd: simulation.world.distress.lost.get(),
        mined_btc: ledger.issued.btc(),
        sold_voluntary_btc: voluntary.btc(),
        sold_forced_btc: forced.btc(),
        sold_liquidation_btc: liquidation.btc(),
        sold_involuntary_share: (ledger.sold.total() > Sats::ZERO)
            .then(|| (forced + liquidation).btc() / ledger.sold.total().btc()),
        collateral_liquidated_btc: tally.collateral_coins.btc(),
        runway_low_days: measure.shortest_runway(),
        sold_of_mined_share: (ledger.issued > Sats::ZERO).then(|| ledger.sold.total().btc() / ledger.issued.btc()),
        sold_of_volume_share: simulation
            .world
            .scenario
            .impact
            .volume_btc_per_day()
            .map(|volume| ledger.sold.total().btc() / (volume * simulation.world.clock.now / DAY_S)),
        hhi_start: before.hhi,
        hhi_end: after.hhi,
        nakamoto_start: before.nakamoto,
        nakamoto_end: after.nakamoto,
        gini_start: before.gini,
        gini_end: after.gini,
        top1_share_start: before.top1,
        top1_share_end: after.top1,
        top5_share_start: before.top5,
        top5_share_end: after.top5,
        top10_share_start: before.top10,
        top10_share_end: after.top10,
        acquisitions: simulation.consolidation.as_ref().map(|consolidation| consolidation.bought),
        acquired_hashrate_share: simulation
            .consolidation
            .as_ref()
            .map(|consolidation| ratio(consolidation.bought_hashrate.mh(), opening.installed_mh)),
        machines_left_share: simulation
            .world
            .resale
            .as_ref()
            .map(|resale| resale.left_share(&simulation.world.population, opening.installed_mh)),
        broker_gain_usd: simulation.world.resale.as_ref().map(Resale::broker_usd),
        rig_price_elasticity_new: rig_elasticity(simulation, 0),
        rig_price_elasticity_mid: rig_elasticity(simulation, 1),
        rig_price_elasticity_old: rig_elasticity(simulation, 2),
        machine_efficiency_start_j_per_th: machine_efficiency(simulation, opening.power_mw, opening.running_mh),
        machine_efficiency_end_j_per_th: machine_efficiency(simulation, fleet.power_mw, fleet.running_mh),
        energy_twh: energy,
        co2_mt: co2_mt(simulation, energy),
        left_twh: simulation.power.responding.as_ref().map_or(0.0, |responding| responding.left.get() / 1e9),
        demand_response_usd: simulation.power.responding.as_ref().map_or(0.0, |responding| responding.income.get()),
        peak_charge_usd: simulation.power.responding.as_ref().map_or(0.0, |responding| responding.peak_charges.get()),
        peak_charged_share: simulation.power.responding.as_ref().map_or(0.0, Responding::charged_share),
        block_interval_mean_s: gaps.map_or(
            (simulation.records.found_blocks > 0.0)
                .then(|| simulation.world.clock.now / simulation.records.found_blocks),
            |gaps| Some(gaps.mean().get()),
        ),
        block_interval_sd_s: gaps.map(|gaps| gaps.deviation().get()),
        block_gap_longest_s: gaps.map(|gaps| gaps.longest.get()),
    }
}

fn rig_elasticity(simulation: &Simulation<'_>, generation: usize) -> Option<f64> {
    simulation.world.resale.as_ref().and_then(|resale| resale.elasticity(&simulation.world.population, generation))
}

/// Share of the distance of the lowest price from that without the shock, in logarithms, that is due to miners' sales.
fn attributable_fall(simulation: &Simulation<'_>) -> f64 {
    let start = simulation.world.base_price.at(Seconds::ZERO).get();
    let lowest = simulation.records.measure.lowest_price;
    let fall = |lowest: LowestPrice| libm::log(lowest.price_usd / lowest.paired_price_usd.unwrap_or(start));
    lowest.filter(|&lowest| fall(lowest) < 0.0).map_or(0.0, |lowest| lowest.impact / fall(lowest))
}
