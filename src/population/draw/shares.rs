//! Distribution of hashrate: sizes of firms, their regions, their machines.

use super::{Circumstances, Firm};
use crate::units::Id;
use crate::{
    random::{Draw, Purpose, gamma, name_hash, pareto, stream},
    world::{ClassParams, FleetParams, terms::Terms},
};

/// Drawn mixes are fitted to firm sizes and to the fleet's shares by alternate scaling, until no model's hashrate is further from its share than
/// this, relative to it. Numbers of machines are whole, and do not depend on so small a remainder.
const FITTED: f64 = 1e-12;
/// Rounds after which fitting ends in any case: shares that no mix of these firms can have are only approached.
const MOST_FITTING_ROUNDS: usize = 30;

/// Pareto sizes that sum to the class's share; the excess over a firm's cap goes to the others in proportion.
pub(super) fn firm_sizes(class: &ClassParams, world: &Circumstances<'_>) -> Vec<f64> {
    let mut rng = stream(world.terms.seed, world.terms.replica, Purpose::FirmSize, name_hash(&class.name));
    let mut sizes: Vec<f64> = (0..class.firms).map(|_| pareto(&mut rng, class.size_tail_index)).collect();
    // A cap below the equal share is impossible; the equal share is then the cap.
    let cap = class.largest_share.max(class.share / f64::from(class.firms));
    let mut capped = vec![false; sizes.len()];
    loop {
        let mut free = 0.0;
        let mut room = class.share;
        for (&size, &capped) in sizes.iter().zip(&capped) {
            if capped {
                room -= cap;
            } else {
                free += size;
            }
        }
        let factor = room / free;
        let mut settled = true;
        for (&size, capped) in sizes.iter().zip(&mut capped) {
            if !*capped && size * factor > cap {
                *capped = true;
                settled = false;
            }
        }
        if settled {
            for (size, capped) in sizes.iter_mut().zip(capped) {
                *size = if capped { cap } else { *size * factor };
            }
            return sizes;
        }
    }
}

/// Regions of the sites of a class's firms, given with their sizes: in order of size, each firm draws by its name among the regions in proportion to
/// the remaining share, so that regions reach their shares of hashrate as nearly as whole firms allow.
pub(super) fn regions_by_size<'a>(firms: &[(&str, f64)], class: &'a ClassParams, terms: &Terms<'_>) -> Vec<&'a str> {
    let mut regions = vec![class.region.as_str(); firms.len()];
    if class.regions.is_empty() {
        return regions;
    }
    let draws = Draw::new(terms.seed, terms.replica, Purpose::Region);
    let mut order: Vec<usize> = (0..firms.len()).collect();
    order.sort_by(|&a, &b| firms[b].1.total_cmp(&firms[a].1).then(a.cmp(&b)));
    let all: f64 = firms.iter().map(|(_, size)| size).sum();
    let rest = 1.0 - class.regions.iter().map(|(_, share)| share).sum::<f64>();
    let named = class.regions.iter().map(|(name, share)| (name.as_str(), share * all));
    let mut room: Vec<(&str, f64)> = named.chain([(class.region.as_str(), rest * all)]).collect();
    for firm in order {
        let free: f64 = room.iter().map(|(_, left)| left.max(0.0)).sum();
        let mut point = draws.uniform(name_hash(firms[firm].0), 0) * free;
        let found = room.iter().position(|(_, left)| {
            point -= left.max(0.0);
            *left > 0.0 && point <= 0.0
        });
        let place = found.unwrap_or(room.len() - 1);
        regions[firm] = room[place].0;
        room[place].1 -= firms[firm].1;
    }
    regions
}

/// Region of each firm's site, for the firms of all classes in the order in which they were drawn.
pub(super) fn firm_regions<'a>(firms: &[(Firm, f64)], classes: &'a [ClassParams], terms: &Terms<'_>) -> Vec<&'a str> {
    let of_class = |(index, class): (usize, &'a ClassParams)| {
        let members = firms.iter().filter(|(firm, _)| firm.class.row() == index);
        let sizes: Vec<(&str, f64)> = members.map(|(firm, size)| (firm.name.as_str(), *size)).collect();
        regions_by_size(&sizes, class, terms)
    };
    classes.iter().enumerate().flat_map(of_class).collect()
}

/// Hashrate by firm and model, row by row: gamma weights around the fleet's shares, scaled in turn until
/// rows sum to the firms' sizes and columns to the fleet's shares (iterative proportional fitting).
pub(super) fn fleet_mix(
    firms: &[(Firm, f64)],
    fleet: &[FleetParams],
    shape: f64,
    world: &Circumstances<'_>,
) -> Vec<f64> {
    let models = fleet.len();
    let mut mix = Vec::with_capacity(firms.len() * models);
    for (firm, size) in firms {
        let mut rng = stream(world.terms.seed, world.terms.replica, Purpose::FleetMix, name_hash(&firm.name));
        for model in fleet {
            mix.push(size * model.share * gamma(&mut rng, shape));
        }
    }
    // Each round sums by model for the next one.
    let mut totals = vec![0.0; models];
    for row in mix.chunks_exact(models) {
        for (total, cell) in totals.iter_mut().zip(row) {
            *total += cell;
        }
    }
    for _ in 0..MOST_FITTING_ROUNDS {
        // A model without hashrate stays so.
        let factor = |(model, total): (&FleetParams, f64)| if total > 0.0 { model.share / total } else { 0.0 };
        let before = std::mem::replace(&mut totals, vec![0.0; models]);
        let factors: Vec<f64> = fleet.iter().zip(before).map(factor).collect();
        if factors.iter().all(|&factor| factor == 0.0 || (factor - 1.0).abs() <= FITTED) {
            break;
        }
        for (row, (_, size)) in mix.chunks_exact_mut(models).zip(firms) {
            let mut of_firm = 0.0;
            for (cell, factor) in row.iter_mut().zip(&factors) {
                *cell *= factor;
                of_firm += *cell;
            }
            // A firm of a class without any hashrate has no hashrate of any model.
            let factor = if of_firm > 0.0 { size / of_firm } else { 0.0 };
            for (cell, total) in row.iter_mut().zip(&mut totals) {
                *cell *= factor;
                *total += *cell;
            }
        }
    }
    mix
}
