//! The data passed to the scripts of a page.

use std::collections::BTreeMap;

use serde::Serialize;

use super::explorer::Explorer;
use crate::figure::uplot::{Charts, Packed};

/// All data, as one JSON object.
#[derive(Debug, Default, Serialize)]
pub(super) struct Block {
    #[serde(flatten)]
    pub(super) charts: Charts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replicas: Option<Replicas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sweep: Option<Explorer>,
}

/// The histories that can be picked.
#[derive(Debug, Serialize)]
pub(super) struct Replicas {
    /// By chart, by replica.
    pub(super) paths: BTreeMap<String, Vec<Packed>>,
    /// One per replica.
    pub(super) labels: Vec<String>,
    /// A few words and the replica that they describe.
    pub(super) typical: Vec<(String, usize)>,
}

impl Block {
    /// The JSON as embedded in the page: no text in it can close its element.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and strings can be written as JSON").replace('<', "\\u003c")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Across, Figure, Layer, Panel, style};

    #[test]
    fn no_text_can_end_the_element() {
        let line = Layer::line("</script><script>", style::HASHRATE, &[0.0, 1.0].into(), vec![1.0, 2.0]);
        let panel = Panel::new("Hashrate", "EH/s").with(line);
        let mut block = Block::default();
        block.charts.put(&Figure::new("one", "", Across::Time(0.0, 1.0), vec![panel]));
        let json = block.to_json();
        assert!(!json.contains('<') && json.contains("\\u003c/script>") && json.contains("#0072b2"), "{json}");
    }
}
