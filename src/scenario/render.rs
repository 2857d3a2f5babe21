//! Problems shown for a terminal, each at the bytes that are wrong.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{
    problem::{Label, Problem, Problems},
    source::Sources,
};

impl Problems {
    /// Shown for a terminal so many columns wide, in colour or not.
    #[must_use]
    pub fn render(&self, colour: bool, width: usize) -> String {
        let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let mut shown = String::new();
        let renderer = GraphicalReportHandler::new_themed(theme)
            .with_width(width)
            .with_context_lines(0)
            .with_links(false)
            .without_cause_chain();
        for problem in &self.list {
            let mut parts = Shown::parts(problem, &self.sources);
            let mut first = parts.remove(0);
            first.related = parts;
            if renderer.render_report(&mut shown, &first).is_err() {
                shown.push_str(&problem.message);
            }
            shown.push('\n');
        }
        shown
    }
}

/// The labels of a problem that lie in one source.
#[derive(Debug)]
struct Shown<'a> {
    problem: &'a Problem,
    first: bool,
    name: &'a str,
    text: &'a str,
    labels: Vec<&'a Label>,
    related: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    /// One for each source with labels, in the order of the labels; at least one.
    fn parts(problem: &'a Problem, sources: &'a Sources) -> Vec<Self> {
        let mut parts: Vec<(usize, Self)> = Vec::new();
        for label in &problem.labels {
            if let Some((_, part)) = parts.iter_mut().find(|(source, _)| *source == label.place.source) {
                part.labels.push(label);
                continue;
            }
            let source = sources.of(label.place);
            let first = parts.is_empty();
            let part = Self {
                problem,
                first,
                name: &source.name,
                text: &source.text,
                labels: vec![label],
                related: Vec::new(),
            };
            parts.push((label.place.source, part));
        }
        if parts.is_empty() {
            return vec![Self { problem, first: true, name: "", text: "", labels: Vec::new(), related: Vec::new() }];
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.first { &self.problem.message } else { "see also" })
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.first.then(|| Box::new(self.problem.code) as Box<dyn fmt::Display>)
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        (self.first && !self.problem.help.is_empty()).then(|| Box::new(&self.problem.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.labels.is_empty()).then_some(self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().map(|label| {
            let length = label.place.end.saturating_sub(label.place.start);
            LabeledSpan::new(Some(label.text.clone()), label.place.start, length)
        })))
    }

    fn related<'b>(&'b self) -> Option<Box<dyn Iterator<Item = &'b dyn Diagnostic> + 'b>> {
        (!self.related.is_empty()).then(|| Box::new(self.related.iter().map(|part| part as &dyn Diagnostic)) as Box<_>)
    }
}

impl SourceCode for Shown<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let read = self.text.read_span(span, before, after)?;
        let data = read.span();
        // Whole lines, not the underlined bytes alone; of a very long line the part around them.
        let (start, end) = lines_around(self.text, data.offset(), data.offset() + data.len());
        let line = self.text[..start].matches('\n').count();
        let lines = self.text.as_bytes().get(start..end).ok_or(MietteError::OutOfBounds)?;
        let named = MietteSpanContents::new_named(
            self.name.to_owned(),
            lines,
            (start, end - start).into(),
            line,
            read.column(),
            read.line_count(),
        );
        Ok(Box::new(named))
    }
}

/// The lines that hold these bytes, cut where one is longer than a screen.
fn lines_around(text: &str, start: usize, end: usize) -> (usize, usize) {
    const SCREEN: usize = 120;
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = if end > start && text[..end].ends_with('\n') {
        end
    } else {
        end + text[end..].find(['\r', '\n']).unwrap_or(text.len() - end)
    };
    let floor = (line_start..=start).find(|&at| start - at <= SCREEN && text.is_char_boundary(at)).unwrap_or(start);
    let ceiling = (end..=line_end).rev().find(|&at| at - end <= SCREEN && text.is_char_boundary(at)).unwrap_or(end);
    (floor, ceiling)
}
