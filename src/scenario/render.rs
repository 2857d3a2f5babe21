//! Problems shown for a terminal, each at the bytes that are wrong.

use std::{borrow::Cow, cell::RefCell, collections::BTreeMap, fmt, sync::Arc};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use super::{
    printable::{masked, printable},
    problem::{Label, MOST_SHOWN, Problem, Problems, Severity},
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
        let texts = Texts::default();
        for problem in self.list.iter().take(MOST_SHOWN) {
            let mut parts = Shown::parts(problem, &self.sources, &texts);
            let mut first = parts.remove(0);
            first.related = parts;
            if renderer.render_report(&mut shown, &first).is_err() {
                shown.push_str(&said(&problem.message));
            }
            shown.push('\n');
        }
        let others = self.others();
        if !others.is_empty() {
            shown.push_str(&others);
            shown.push('\n');
        }
        shown
    }
}

/// The sources as they are shown, without what would act on a terminal; each made when it is first needed.
#[derive(Default)]
struct Texts(RefCell<BTreeMap<usize, Arc<str>>>);

impl Texts {
    fn of(&self, label: &Label, sources: &Sources) -> Arc<str> {
        let mut texts = self.0.borrow_mut();
        Arc::clone(texts.entry(label.place.source).or_insert_with(|| masked(&sources.of(label.place).text).into()))
    }
}

/// What is said of a problem, of which what somebody wrote may be a part of any length.
fn said(text: &str) -> Cow<'_, str> {
    const MOST: usize = 2000;
    let shown = printable(text);
    match shown.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &shown[..end])),
        None => shown,
    }
}

/// Of a line, and of what is underlined, so much is shown before and after.
const SCREEN: usize = 120;

/// The labels of a problem that lie in one source.
#[derive(Debug)]
struct Shown<'a> {
    problem: &'a Problem,
    first: bool,
    name: &'a str,
    text: Arc<str>,
    labels: Vec<&'a Label>,
    related: Vec<Shown<'a>>,
}

impl<'a> Shown<'a> {
    /// One for each source with labels, in the order of the labels; at least one. Labels far apart on one line are shown apart, or
    /// all that is between them would be.
    fn parts(problem: &'a Problem, sources: &'a Sources, texts: &Texts) -> Vec<Self> {
        let mut parts: Vec<(usize, Self)> = Vec::new();
        for label in &problem.labels {
            let joins = |part: &Self| part.labels.iter().all(|other| can_be_shown_together(&part.text, label, other));
            if let Some((_, part)) =
                parts.iter_mut().find(|(source, part)| *source == label.place.source && joins(part))
            {
                part.labels.push(label);
                continue;
            }
            let (name, text) = (&sources.of(label.place).name, texts.of(label, sources));
            let part = Self { problem, first: parts.is_empty(), name, text, labels: vec![label], related: Vec::new() };
            parts.push((label.place.source, part));
        }
        if parts.is_empty() {
            let (labels, related) = (Vec::new(), Vec::new());
            return vec![Self { problem, first: true, name: "", text: "".into(), labels, related }];
        }
        parts.into_iter().map(|(_, part)| part).collect()
    }
}

fn can_be_shown_together(text: &str, one: &Label, other: &Label) -> bool {
    let (first, second) = if one.place.start <= other.place.start { (one, other) } else { (other, one) };
    let between = text.get(first.place.start..second.place.start).unwrap_or("");
    between.len() <= SCREEN || between.contains('\n')
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first { f.write_str(&said(&self.problem.message)) } else { f.write_str("see also") }
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.first.then(|| Box::new(self.problem.code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.problem.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        (self.first && !self.problem.help.is_empty())
            .then(|| Box::new(said(&self.problem.help)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.labels.is_empty()).then_some(self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().map(|label| {
            let start = label.place.start;
            let end = (start..=label.place.end.min(start + SCREEN)).rev().find(|&at| self.text.is_char_boundary(at));
            LabeledSpan::new(Some(said(&label.text).into_owned()), start, end.unwrap_or(start) - start)
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
        let (start, end) = lines_around(&self.text, data.offset(), data.offset() + data.len());
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
