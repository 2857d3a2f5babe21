//! Where figures stand on a page.

use serde::Serialize;

use super::block::Block;
use crate::{
    figure::{
        parts::Figure,
        style::{FigureSize, FigureStyle},
        svg::draw,
        uplot::anchor,
    },
    report::ReportError,
};

/// Puts figures into the block and, panel by panel, into the parts of a page; figures for which `is_drawn` holds are also drawn for print.
pub(super) fn parts(
    figures: &[Figure<'_>],
    block: &mut Block,
    is_drawn: impl Fn(usize) -> bool,
) -> Result<Vec<PagePart>, ReportError> {
    let mut ordered: Vec<(usize, &Figure<'_>)> = figures.iter().enumerate().collect();
    ordered.sort_by_key(|(_, figure)| figure.part);
    let mut parts: Vec<PagePart> = Vec::new();
    for (place, figure) in ordered {
        let name = figure.part.heading();
        if parts.last().is_none_or(|part| part.name != name) {
            parts.push(PagePart { name, charts: Vec::new() });
        }
        if let Some(part) = parts.last_mut() {
            part.charts.extend(placed(figure, is_drawn(place), block)?);
        }
    }
    Ok(parts)
}

/// Puts a figure into the block and returns its panels for the template. If it is drawn, the picture of all panels is shown in
/// print instead of the first panel.
pub(super) fn placed(figure: &Figure<'_>, is_drawn: bool, block: &mut Block) -> Result<Vec<Placed>, ReportError> {
    let style = FigureStyle { size: FigureSize::Page, titles: false };
    let svg = is_drawn.then(|| draw(figure, &style)).transpose()?;
    let mut paper = svg.map(|svg| Paper { title: figure.title.clone(), caption: figure.caption(), svg });
    block.charts.put(figure);
    let panels = figure.panels.iter().enumerate();
    let one = panels.map(|(place, panel)| Placed {
        id: anchor(figure, place),
        title: panel.title.clone(),
        unit: panel.unit.clone(),
        note: panel.note.clone(),
        wide: panel.is_wide,
        paper: paper.take(),
        is_covered: is_drawn && place > 0,
    });
    Ok(one.collect())
}

/// Charts that stand together.
#[derive(Serialize)]
pub(super) struct PagePart {
    pub(super) name: &'static str,
    pub(super) charts: Vec<Placed>,
}

/// A panel of a figure in the template.
#[derive(Serialize)]
pub(super) struct Placed {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) note: String,
    pub(super) wide: bool,
    /// The figure that stands in for it in print, and where there are no scripts.
    pub(super) paper: Option<Paper>,
    /// Whether the figure of the chart before it shows it too.
    pub(super) is_covered: bool,
}

/// A figure as it is printed.
#[derive(Serialize)]
pub(super) struct Paper {
    pub(super) title: String,
    pub(super) caption: String,
    pub(super) svg: String,
}
