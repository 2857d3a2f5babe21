//! What lies along the foot of a panel.

use plotters::backend::DrawingBackend;

use super::{
    axis::{ValueAxis, named},
    calendar::Calendar,
    canvas::{Align, Canvas},
    frame::{Area, HAIR, TICK, axis_across, foot_axis, name_below},
};
use crate::{
    figure::{
        parts::{Across, Panel},
        style,
    },
    report::ReportError,
};

/// From a place along the foot to its share of the panel's width.
pub(super) enum Foot {
    Time((f64, f64), Calendar),
    Number(ValueAxis, String),
}

impl Foot {
    pub(super) fn share(&self, place: f64) -> f64 {
        match self {
            Self::Time((first, last), _) => (place - first) / (last - first).max(1.0),
            Self::Number(axis, _) => axis.share(place),
        }
    }

    pub(super) fn of<DB: DrawingBackend>(
        canvas: &Canvas<'_, DB>,
        across: &Across,
        panels: &[Panel<'_>],
        length: f64,
    ) -> Self {
        match across {
            &Across::Time(first, last) => {
                let share = |text: &str| canvas.width_of(text) / length;
                Self::Time((first, last), Calendar::over((first, last), share, 0.9 / length))
            }
            Across::Names { quantity, .. } => {
                Self::of(canvas, &Across::Number { quantity: quantity.clone(), unit: String::new() }, panels, length)
            }
            Across::Rows(_) => {
                Self::of(canvas, &Across::Number { quantity: String::new(), unit: String::new() }, panels, length)
            }
            Across::Number { quantity, unit } => {
                let layers = panels.iter().flat_map(|panel| &panel.layers);
                let places: Vec<f64> = layers.flat_map(|layer| layer.x.to_vec()).collect();
                let axis = axis_across(canvas, &places, length);
                let name = named(quantity, unit, &axis);
                Self::Number(axis, name.join(" "))
            }
        }
    }
}

/// The ticks of time at the foot of a panel.
pub(super) fn draw_ticks<DB: DrawingBackend>(
    canvas: &Canvas<'_, DB>,
    foot: &Foot,
    area: Area,
) -> Result<(), ReportError> {
    let Foot::Time(_, calendar) = foot else {
        return Ok(());
    };
    let (bottom, width) = (area.bottom, area.right - area.left);
    let labelled = calendar.labelled.iter().map(|tick| (tick.at, TICK, 1.5 * HAIR));
    for (at, length, thick) in labelled.chain(calendar.between.iter().map(|&at| (at, 0.55 * TICK, HAIR))) {
        let x = area.left + foot.share(at) * width;
        canvas.line(&[(x, bottom), (x, bottom + length)], style::NEUTRAL, thick)?;
    }
    Ok(())
}

/// What is written at the foot of the last panel.
pub(super) fn label<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, along: &Foot, area: Area) -> Result<(), ReportError> {
    let (font, width) = (canvas.font, area.right - area.left);
    match along {
        Foot::Time(_, calendar) => {
            for tick in &calendar.labelled {
                let (x, half) = (area.left + along.share(tick.at) * width, 0.5 * canvas.width_of(&tick.label));
                // A label at the very edge would be cut; its tick is enough.
                if x - half >= 0.3 && x + half <= canvas.width - 0.3 {
                    canvas.text(&tick.label, (x, area.bottom + TICK + 0.75 * font), Align::Centre, style::INK)?;
                }
            }
            Ok(())
        }
        Foot::Number(axis, name) => {
            foot_axis(canvas, axis, area, area.right, false)?;
            name_below(canvas, name.trim_end(), (area.left, area.right), area.bottom + TICK + 2.0 * font)
        }
    }
}
