//! Parameters of loans: how they are repaid, and what secures them.

use crate::declare::{Choice, KeyKind, Params, ReadKeys, Usual, params};

/// How a loan is repaid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repayment {
    /// Amortising: equal payments.
    Level,
    /// Bullet: all principal at maturity.
    Bullet,
}

impl Choice for Repayment {
    const CHOICES: &'static [(&'static str, Self)] = &[("level", Self::Level), ("bullet", Self::Bullet)];
}

/// The purpose of a loan and its security.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Borrowing {
    /// Initial debt, unsecured.
    Unsecured,
    /// Initial debt, secured by coins.
    OnCoins,
    /// Initial debt, secured by machines.
    OnMachines,
    /// A purchase of machines, secured by machines.
    Purchase,
}

params! {
    /// Collateral terms: the lender's rights and when they apply.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Pledge(of: Borrowing), check {
        /// Days from the end of the cure period until the lender takes possession of the machines.
        notice_days: f64 as "d", source("section 7.11: 30-90"), uniform(30.0, 90.0, "assumed, section 7.11"), within(0.0, 3650.0),
            usual(3.0, 180.0, "A-54: 30-90") => |keys, key| if of == Borrowing::OnCoins { 0.0 } else { keys.number_or(key, 60.0) };
        /// Loan-to-value ratio at the start: principal over the value of the collateral. A margin call demands that this ratio be restored.
        loan_to_value: f64 = if of == Borrowing::OnCoins { 0.55 } else { 0.65 }, source("S11, S55"), positive(1e6), usually(LTV);
        /// Loan-to-value ratio above which the lender makes a margin call; with a large number it never does.
        call_ltv: f64 = 0.75, source("S55"), positive(1e6), usually(LTV);
        /// Loan-to-value ratio above which there is no cure period.
        liquidation_ltv: f64 = 0.85, source("S55"), positive(1e6), usually(LTV);
        /// Cure period: days after a margin call within which the borrower must restore loan_to_value by repaying or by pledging more; otherwise the collateral is sold.
        cure_days: f64 as "d" = 5.0, source("section 7.11"), within(0.0, 3650.0), usual(1.0, 60.0, "A-54");
        /// Whether the loan has recourse: the firm then still owes what the sale of the collateral does not cover. Without recourse, the lender of a loan in default takes the collateral and has no further claim.
        recourse: bool = true, source("section 7.11, A");
    }
}

/// Usual loan-to-value ratios.
const LTV: Usual = Usual { low: 0.05, high: 1e6, source: "A-54, S55: 0.20-0.95; a large number is never" };

impl Pledge {
    fn check(&self, keys: &impl ReadKeys) {
        for (name, below, above) in
            [("call_ltv", self.loan_to_value, self.call_ltv), ("liquidation_ltv", self.call_ltv, self.liquidation_ltv)]
        {
            if above < below {
                keys.refuse(
                    "scenario::order",
                    format!("`{}` is below {below}", keys.name_of(name)),
                    (name, format!("must be at least {below}")),
                    "a loan starts at loan_to_value, is called above call_ltv and sold above liquidation_ltv",
                );
            }
        }
    }
}

/// Collateral of a loan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Collateral {
    /// Unsecured: every other creditor has priority.
    None,
    /// Coins.
    Coins(Pledge),
    /// Machines.
    Machines(Pledge),
}
impl Collateral {
    /// Collateral terms, if the loan is secured.
    #[must_use]
    pub const fn pledge(&self) -> Option<&Pledge> {
        match self {
            Self::None => None,
            Self::Coins(pledge) | Self::Machines(pledge) => Some(pledge),
        }
    }
}

params! {
    /// Terms of the loans of a class, or of loans for buying machines.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LoanTerms(of: Borrowing) {
        /// Its collateral.
        collateral: Collateral => |keys, _| Collateral::read(keys, of);
        /// Share of the class's debt; the loans' shares add up to 1.
        share: f64, within(0.0, 1.0) => |keys, key| if of == Borrowing::Purchase { 1.0 } else { keys.number(key) };
        /// Amortising (equal payments), or bullet (all principal at the end).
        repayment: Repayment = Repayment::Level, source("S11, S12");
        /// Interest rate.
        rate_per_year: f64 as "1/year" = 0.11, source("S11, S55: 0.08-0.18; converts 0-0.03"), uniform(0.08, 0.18, "S11, S55"),
            within(0.0, 10.0), usual(0.0025, 0.3, "A-54, S11, S55: 0.08-0.18; converts 0-0.03");
        /// Additional interest on overdue principal.
        default_margin_per_year: f64 as "1/year" = 0.02, source("A: 0-0.05"), uniform(0.0, 0.05, "assumed"), within(0.0, 10.0),
            usual(0.001, 0.15, "A-54: 0-0.05");
        /// Term in months, from the start of the run or from the day on which the loan is drawn.
        term_months: f64 as "month" = 24.0, source("S11: 12-36; converts 60"), uniform(12.0, 36.0, "S11"), within(1.0, 1200.0),
            usual(3.0, 120.0, "A-54, S11: 12-36; converts 60");
        /// Credit line for cash shortages: the maximum total draw, per unit of hashrate installed at the start, unless a credit freeze lasts.
        undrawn_usd_per_th: f64 as "USD/(TH/s)", source("A"), within(0.0, 1e6), usual(0.1, 200.0, "A-54; what was owed was 31-65 (S11, S12)")
            => |keys, key| if of.may_be_drawn() { keys.number_or(key, 0.0) } else { 0.0 };
        /// Whether no more is owed at the start than loan_to_value of the collateral. False where the principal is a filed fact: the loan is then as large as written, whatever its collateral is worth.
        capped: bool, source("section 7.11")
            => |keys, key| if matches!(of, Borrowing::OnCoins | Borrowing::OnMachines) { keys.boolean_or(key, true) } else { true };
    }
}

impl Borrowing {
    /// Whether more may be drawn. A firm sells its coins before it draws a loan secured by them.
    fn may_be_drawn(self) -> bool {
        matches!(self, Self::Unsecured | Self::OnMachines)
    }
}

impl Collateral {
    /// Name of the kind of loan in a scenario.
    const fn kind(&self) -> &'static str {
        match self {
            Self::None => "unsecured",
            Self::Coins(_) => "coins",
            Self::Machines(_) => "machines",
        }
    }

    fn read<K: ReadKeys>(keys: &mut K, of: Borrowing) -> Self {
        let before = keys.problems();
        match of {
            Borrowing::Unsecured => return Self::None,
            Borrowing::OnCoins => return Self::Coins(Pledge::read_with(keys, of)),
            Borrowing::OnMachines | Borrowing::Purchase => {}
        }
        let pledge = Pledge::read_with(keys, of);
        if keys.problems() == before && of == Borrowing::Purchase && pledge.loan_to_value >= 1.0 {
            keys.refuse(
                "scenario::range",
                format!("`{}` is not below 1", keys.name_of("loan_to_value")),
                ("loan_to_value", "must be below 1".to_owned()),
                "a buyer pays a part of the price himself",
            );
        }
        Self::Machines(pledge)
    }
}

impl LoanTerms {
    /// Reads a loan of a class: a table named by the kind of collateral.
    fn read_kind<K: ReadKeys>(keys: &mut K) -> Option<Self> {
        keys.kind(
            None,
            &[
                KeyKind {
                    name: "unsecured",
                    doc: "Nothing is pledged: the lender is served last. A convertible bond is an unsecured bullet.",
                    read: &|keys| Self::read_with(keys, Borrowing::Unsecured),
                },
                KeyKind {
                    name: "coins",
                    doc: "Coins of the firm are pledged; no more is borrowed than loan_to_value of what it has, unless `capped` is false.",
                    read: &|keys| Self::read_with(keys, Borrowing::OnCoins),
                },
                KeyKind {
                    name: "machines",
                    doc: "A share of the firm's machines is pledged, whatever they are; no more is borrowed than loan_to_value of their value, unless `capped` is false, on the market for used machines, which there must be: `[rigs]`.",
                    read: &|keys| Self::read_with(keys, Borrowing::OnMachines),
                },
            ],
        )
    }

    /// Reads every loan of a class.
    pub fn read_all<K: ReadKeys>(keys: &mut K, doc: &'static str) -> Vec<Self> {
        let before = keys.problems();
        let named = |keys: &mut K| {
            let name = keys.last_name().to_owned();
            Self::read_kind(keys).map(|terms| (name, terms))
        };
        let read: Vec<(String, Self)> = keys.each("loan", doc, &named).into_iter().flatten().collect();
        if keys.problems() == before && !read.is_empty() {
            let place = |(name, terms): &(String, Self)| {
                (terms.share, format!("loan.{name}.{}.share", terms.collateral.kind()))
            };
            let shares: Vec<(f64, String)> = read.iter().map(place).collect();
            let what = format!("the loans of `{}`", keys.name());
            keys.must_add_up(&what, &shares, "a loan's share is the fraction of the class's debt");
        }
        read.into_iter().map(|(_, terms)| terms).collect()
    }
}
