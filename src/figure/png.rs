//! Figures as PNG: the SVG itself, rendered, so that the two never differ.
//!
//! Our figures consist of paths of straight lines, polygons, circles and text, one per line; only this part of SVG is
//! supported here, and anything else is an error, so that nothing is silently left out.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tiny_skia::{FillRule, LineJoin, Paint, PathBuilder, Pixmap, Stroke, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use crate::report::ReportError;

/// Resolution that journals require for figures with half-tones.
const DOTS_PER_MM: f32 = 300.0 / 25.4;
/// This resolution in the unit of PNG.
const DOTS_PER_METRE: u32 = 11_811;

/// Arimo, as wide as Arial and Helvetica, which figures ask for first: no font of the machine is used, so that the same
/// tables give the same bytes anywhere.
const FONT: &[u8] = include_bytes!("font/arimo-latin.ttf");

/// Writes a PNG beside each of the SVG files `figures`, at 300 dots to the inch.
///
/// # Errors
/// If a file cannot be read, drawn or written.
pub fn write_pngs(figures: &[PathBuf]) -> Result<Vec<PathBuf>, ReportError> {
    let write = |figure: &PathBuf| {
        let svg = fs::read_to_string(figure).map_err(ReportError::file(figure))?;
        let path = figure.with_extension("png");
        let failed = |problem: String| ReportError::Drawing { what: path.display().to_string(), problem };
        let picture = render(&svg).map_err(failed)?;
        encode(&picture, &path)?;
        Ok(path)
    };
    figures.iter().map(write).collect()
}

fn encode(picture: &Pixmap, path: &Path) -> Result<(), ReportError> {
    // On opaque paper nothing shines through, so that the colours are as they are shown.
    let colours: Vec<u8> = picture.data().chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]]).collect();
    let file = fs::File::create(path).map_err(ReportError::file(path))?;
    let mut encoder = png::Encoder::new(io::BufWriter::new(file), picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let unit = png::Unit::Meter;
    encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: DOTS_PER_METRE, yppu: DOTS_PER_METRE, unit }));
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&colours)?;
        writer.finish()
    });
    written.map_err(|error| match error {
        png::EncodingError::IoError(source) => ReportError::File { path: path.into(), source },
        other => ReportError::Drawing { what: path.display().to_string(), problem: other.to_string() },
    })
}

/// One of the lines of an SVG: its attributes can be asked for.
struct Element<'a>(&'a str);

impl<'a> Element<'a> {
    fn text(&self, name: &str) -> Result<&'a str, String> {
        let start = format!(" {name}=\"");
        let rest = self.0.split_once(&start).map(|(_, rest)| rest);
        let value = rest.and_then(|rest| rest.split('"').next());
        value.ok_or_else(|| format!("`{}` has no {name}", self.0.chars().take(60).collect::<String>()))
    }

    fn number(&self, name: &str) -> Result<f32, String> {
        let text = self.text(name)?;
        text.trim_end_matches("mm").parse().map_err(|_| format!("{name}=\"{text}\" is no number"))
    }

    /// Of `stroke` or `fill`; `None` where nothing is to be painted.
    fn paint(&self, name: &str) -> Result<Option<Paint<'static>>, String> {
        let text = self.text(name)?;
        if text == "none" {
            return Ok(None);
        }
        let number = text.strip_prefix('#').and_then(|hex| u32::from_str_radix(hex, 16).ok());
        let [_, red, green, blue] = number.ok_or_else(|| format!("{name}=\"{text}\" is no colour"))?.to_be_bytes();
        let mut paint = Paint::default();
        paint.set_color_rgba8(red, green, blue, 255);
        Ok(Some(paint))
    }

    fn stroke(&self) -> Result<Stroke, String> {
        Ok(Stroke { width: self.number("stroke-width")?, line_join: LineJoin::Round, ..Stroke::default() })
    }
}

fn render(svg: &str) -> Result<Pixmap, String> {
    let face = Face::parse(FONT, 0).map_err(|error| error.to_string())?;
    let mut lines = svg.lines();
    let sheet = Element(lines.next().unwrap_or_default());
    let (width, height) = (sheet.number("width")?, sheet.number("height")?);
    let units = sheet.text("viewBox")?.split(' ').nth(2).and_then(|units| units.parse::<f32>().ok());
    let units_per_mm = units.ok_or("the viewBox has no width")? / width;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; a sheet is at most a metre"
    )]
    let dots = |mm: f32| (mm * DOTS_PER_MM).round() as u32;
    let mut picture = Pixmap::new(dots(width), dots(height)).ok_or("a sheet without an area")?;
    picture.fill(tiny_skia::Color::WHITE);
    let scale = Transform::from_scale(DOTS_PER_MM / units_per_mm, DOTS_PER_MM / units_per_mm);
    while let Some(line) = lines.next() {
        let element = Element(line);
        match line.split([' ', '>']).next().unwrap_or_default() {
            "<path" => {
                let path = polygon(element.text("d")?, false)?;
                stroke(&mut picture, path.as_ref(), &element, scale)?;
            }
            "<polygon" => {
                let path = polygon(element.text("points")?, true)?;
                fill(&mut picture, path.as_ref(), &element, scale)?;
            }
            "<circle" => {
                let (x, y, radius) = (element.number("cx")?, element.number("cy")?, element.number("r")?);
                let path = PathBuilder::from_circle(x, y, radius);
                fill(&mut picture, path.as_ref(), &element, scale)?;
                stroke(&mut picture, path.as_ref(), &element, scale)?;
            }
            "<text" => {
                let words = lines.next().unwrap_or_default();
                let path = letters(&face, &element, &plain(words))?;
                let turn = match element.text("transform") {
                    Ok(_) => Transform::from_rotate_at(270.0, element.number("x")?, element.number("y")?),
                    Err(_) => Transform::identity(),
                };
                fill(&mut picture, path.as_ref(), &element, turn.post_concat(scale))?;
            }
            "</text" | "</svg" | "" => {}
            other => return Err(format!("{other}> cannot be drawn as PNG")),
        }
    }
    Ok(picture)
}

fn fill(
    picture: &mut Pixmap,
    path: Option<&tiny_skia::Path>,
    element: &Element<'_>,
    transform: Transform,
) -> Result<(), String> {
    if let (Some(path), Some(paint)) = (path, element.paint("fill")?) {
        picture.fill_path(path, &paint, FillRule::Winding, transform, None);
    }
    Ok(())
}

fn stroke(
    picture: &mut Pixmap,
    path: Option<&tiny_skia::Path>,
    element: &Element<'_>,
    transform: Transform,
) -> Result<(), String> {
    if let (Some(path), Some(paint)) = (path, element.paint("stroke")?) {
        picture.stroke_path(path, &paint, &element.stroke()?, transform, None);
    }
    Ok(())
}

/// `M1,2 3,4M5,6 7,8` or `1,2 3,4`: stretches of straight lines.
fn polygon(points: &str, is_closed: bool) -> Result<Option<tiny_skia::Path>, String> {
    let mut path = PathBuilder::new();
    for stretch in points.split('M') {
        for (place, point) in stretch.split_whitespace().enumerate() {
            let pair = point.split_once(',').and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?)));
            let (x, y): (f32, f32) = pair.ok_or_else(|| format!("`{point}` is no point"))?;
            if place == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if is_closed {
            path.close();
        }
    }
    Ok(path.finish())
}

/// Text without what XML wants escaped.
fn plain(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text.to_owned(), |text, (escaped, sign)| text.replace(escaped, sign))
}

/// The outlines of `words` where `element` wants them.
fn letters(face: &Face<'_>, element: &Element<'_>, words: &str) -> Result<Option<tiny_skia::Path>, String> {
    let scale = element.number("font-size")? / f32::from(face.units_per_em());
    // A letter that the font lacks is a question mark: it must not vanish.
    let glyph = |letter| face.glyph_index(letter).or_else(|| face.glyph_index('?')).unwrap_or(GlyphId(0));
    let advance = |glyph| scale * f32::from(face.glyph_hor_advance(glyph).unwrap_or_default());
    let glyphs: Vec<(GlyphId, f32)> = words.chars().map(glyph).map(|glyph| (glyph, advance(glyph))).collect();
    let width: f32 = glyphs.iter().map(|&(_, advance)| advance).sum();
    let before = match element.text("text-anchor")? {
        "start" => 0.0,
        "middle" => 0.5 * width,
        "end" => width,
        other => return Err(format!("text-anchor=\"{other}\" is not known")),
    };
    // The SVG puts the baseline half an x below: `dy="0.5ex"`.
    let y = element.number("y")? + 0.5 * scale * f32::from(face.x_height().unwrap_or_default());
    let mut outline = Outline { path: PathBuilder::new(), x: element.number("x")? - before, y, scale };
    for (glyph, advance) in glyphs {
        // A space has no outline.
        face.outline_glyph(glyph, &mut outline);
        outline.x += advance;
    }
    Ok(outline.path.finish())
}

/// A letter's curves, from the font's units to those of the sheet.
struct Outline {
    path: PathBuilder,
    x: f32,
    y: f32,
    scale: f32,
}

impl Outline {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + self.scale * x, self.y - self.scale * y)
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{
        FigureSize, FigureStyle, style,
        svg::{canvas, canvas::Align},
    };

    /// Width, height and colours of the PNG of a figure of 50 × 40 mm that says `text`.
    fn drawn(text: &str) -> (u32, u32, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let svg = canvas::svg("test", "", (50.0, 40.0), 3.0, |canvas| {
            canvas.text(text, (25.0, 20.0), Align::Centre, style::INK)
        });
        let path = folder.path().join("test.svg");
        fs::write(&path, svg.unwrap()).unwrap();
        let written = write_pngs(&[path]).unwrap();
        assert!(written[0].ends_with("test.png"));
        let decoder = png::Decoder::new(io::BufReader::new(fs::File::open(&written[0]).unwrap()));
        let mut reader = decoder.read_info().unwrap();
        assert_eq!(reader.info().pixel_dims.unwrap().xppu, DOTS_PER_METRE);
        let mut colours = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut colours).unwrap();
        (info.width, info.height, colours)
    }

    fn dark(colours: &[u8]) -> usize {
        colours.chunks_exact(3).filter(|dot| dot[0] < 128).count()
    }

    #[test]
    fn a_png_has_its_size_on_paper_and_its_text() {
        let (width, height, colours) = drawn("Hashrate 10¹² −5");
        assert_eq!((width, height), (591, 472));
        // Letters of 3 mm cover some square millimetres, of 139 dots each.
        assert!((1_000..20_000).contains(&dark(&colours)), "{}", dark(&colours));
        assert_eq!(dark(&drawn(" ").2), 0);
        for sign in ["−", "¹", "–", "é", "ß", "%", "½", "×", "…", "'", "&", "<", "漢"] {
            assert!(dark(&drawn(sign).2) > 5, "{sign}");
        }
    }

    #[test]
    fn svg_elements_that_png_does_not_support_are_errors() {
        let sheet = "<svg width=\"50mm\" height=\"40mm\" viewBox=\"0 0 5000 4000\">\n";
        let fails = |rest: &str| render(&format!("{sheet}{rest}\n</svg>\n")).unwrap_err();
        assert_eq!(fails("<image href=\"x\"/>"), "<image> cannot be drawn as PNG");
        let text = "<text x=\"1\" y=\"2\" text-anchor=\"left\" font-size=\"300\" fill=\"#000000\">\nA\n</text>";
        assert_eq!(fails(text), "text-anchor=\"left\" is not known");
        assert!(render(&format!("{sheet}</svg>\n")).is_ok());
    }

    #[test]
    fn every_figure_can_be_a_png_and_is_the_same_again() {
        let folder = tempfile::tempdir().unwrap();
        crate::report::fixture::Fixture { days: 28, replicas: 3 }.write(folder.path());
        let style = FigureStyle { size: FigureSize::Column, titles: true };
        let svgs = crate::figure::tests::drawn(folder.path(), &folder.path().join("charts"), &style).unwrap();
        let read = |paths: &[PathBuf]| paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>();
        let once = read(&write_pngs(&svgs).unwrap());
        assert_eq!(once.len(), svgs.len());
        assert!(once == read(&write_pngs(&svgs).unwrap()));
    }
}
