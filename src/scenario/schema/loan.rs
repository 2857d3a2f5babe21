use crate::{
    mechanism::{
        credit::params::{Collateral, LoanTerms},
        growth::params::Invest,
    },
    scenario::{problem::Problem, section::Section},
    world::PopulationParams,
};

/// Loans on machines need a market, which values the pledged machines.
pub fn need_a_market(s: &Section<'_>, population: &PopulationParams, invest: &Invest, there_is: bool) {
    if there_is {
        return;
    }
    let report = |who: String, table: &str| {
        let problem = Problem::new("scenario::missing", format!("{who} on machines that no market values"));
        s.report(problem.at(s.place_of(table), "a loan on machines").help(
            "write `[rigs.reduced]` or `[rigs.auction]`, the market of used machines, or secure the loan by coins or not at all",
        ));
    };
    let on_machines = |loan: &LoanTerms| matches!(loan.collateral, Collateral::Machines(_));
    if let PopulationParams::Drawn { classes, .. } = population
        && let Some(class) = classes.iter().find(|class| class.loans.iter().any(on_machines))
    {
        report(format!("`class.{}` borrows", class.name), "class");
    }
    if matches!(invest, Invest::Payback(payback) if payback.loan.is_some()) {
        report("`invest.payback.loan` lends".to_owned(), "invest");
    }
}
