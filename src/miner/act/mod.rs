//! Acts: how what was decided is carried out in the accounts.

mod borrow;
mod consolidation;
mod convert;
mod deliver;
mod dispose;
mod fail;
mod ground;
mod invest;
mod resale;
mod respond;
mod retire;
mod settle;
mod wear;

pub use consolidation::{Acquisition, Consolidation};
pub use convert::{Conversion, Turn, mining_margin};
pub use deliver::{Arrival, Deliveries, Order};
pub use ground::{Ground, Leaving};
pub use invest::{Entering, Investing, Placed};
pub use resale::{Deal, Machinery, ModelMarket, Resale, WEEK, Whereabouts};
pub use respond::Responding;
pub use settle::{Books, Settlement};
pub use wear::Wear;
