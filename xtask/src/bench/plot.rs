//! Plots as SVG: dots with whiskers on a logarithmic axis, a line for each row.

use super::stats::Spread;

/// A plot. Values must be above 0.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    pub(super) title: String,
    /// What the axis shows.
    pub(super) axis: String,
    pub(super) series: Vec<Series>,
    pub(super) rows: Vec<PlotRow>,
    /// Values are compared with this one.
    pub(super) reference: Option<f64>,
}

/// What dots of one colour are about.
#[derive(Clone, Debug)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) colour: &'static str,
}

/// A row: a name, and a value for each series that has one.
#[derive(Clone, Debug)]
pub(super) struct PlotRow {
    pub(super) name: String,
    pub(super) values: Vec<Option<Spread>>,
}

const WIDTH: f64 = 860.0;
const LEFT: f64 = 250.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 76.0;
const ROW: f64 = 22.0;
const BOTTOM: f64 = 46.0;

impl Plot {
    /// The whole document; nothing where there are no values.
    pub(super) fn svg(&self) -> Option<String> {
        let scale = Scale::over(self)?;
        let height = TOP + ROW * self.rows.len() as f64 + BOTTOM;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
        );
        svg += &text(16.0, 26.0, "font-size=\"16\" font-weight=\"600\"", &self.title);
        self.legend(&mut svg);
        self.grid(&mut svg, &scale, height - BOTTOM);
        for (index, row) in self.rows.iter().enumerate() {
            self.row(&mut svg, &scale, row, TOP + ROW * (index as f64 + 0.5));
        }
        let middle = (LEFT + WIDTH - RIGHT) / 2.0;
        svg += &text(middle, height - 10.0, "text-anchor=\"middle\" fill=\"#555\"", &self.axis);
        svg += "</svg>\n";
        Some(svg)
    }

    fn legend(&self, svg: &mut String) {
        let mut x = 20.0;
        for series in &self.series {
            *svg += &format!("<circle cx=\"{x}\" cy=\"46\" r=\"4\" fill=\"{}\"/>\n", series.colour);
            *svg += &text(x + 10.0, 50.0, "", &series.name);
            // Letters are about so wide.
            x += 36.0 + 6.6 * series.name.chars().count() as f64;
        }
    }

    fn grid(&self, svg: &mut String, scale: &Scale, bottom: f64) {
        for tick in scale.ticks() {
            let x = scale.x(tick);
            let is_reference = self.reference == Some(tick);
            let line = if is_reference { "stroke=\"#444\"" } else { "stroke=\"#ddd\"" };
            *svg += &format!(
                "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" {line}/>\n"
            );
            *svg += &text(x, bottom + 16.0, "text-anchor=\"middle\"", &tick.to_string());
        }
    }

    fn row(&self, svg: &mut String, scale: &Scale, row: &PlotRow, y: f64) {
        *svg += &text(LEFT - 12.0, y + 4.0, "text-anchor=\"end\"", &row.name);
        for (series, value) in self.series.iter().zip(&row.values) {
            let Some(spread) = value else { continue };
            let colour = series.colour;
            let [low, middle, high] =
                [spread.low, spread.median, spread.high].map(|value| scale.x(value));
            *svg += &format!(
                "<line x1=\"{low:.1}\" y1=\"{y}\" x2=\"{high:.1}\" y2=\"{y}\" \
                 stroke=\"{colour}\" stroke-width=\"2\" opacity=\"0.6\"/>\n\
                 <circle cx=\"{middle:.1}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\">\
                 <title>{}: {:.2}</title></circle>\n",
                escaped(&series.name),
                spread.median
            );
        }
    }
}

/// From values to places: whole powers of two at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    from: i32,
    to: i32,
}

impl Scale {
    fn over(plot: &Plot) -> Option<Self> {
        let spreads = plot.rows.iter().flat_map(|row| row.values.iter().flatten());
        let values: Vec<f64> = spreads.flat_map(|spread| [spread.low, spread.high]).collect();
        if values.is_empty() || values.iter().any(|value| *value <= 0.0) {
            return None;
        }
        let exponents = values.into_iter().chain(plot.reference).map(f64::log2);
        let ends = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
        let (low, high) = exponents.fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let (from, to) = (low.floor() as i32, high.ceil() as i32);
        Some(Scale { from, to: to.max(from + 1) })
    }

    fn x(self, value: f64) -> f64 {
        let share = (value.log2() - f64::from(self.from)) / f64::from(self.to - self.from);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn ticks(self) -> impl Iterator<Item = f64> {
        (self.from..=self.to).map(|exponent| f64::from(exponent).exp2())
    }
}

fn text(x: f64, y: f64, attributes: &str, text: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{}</text>\n", escaped(text))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(values: Vec<Option<Spread>>) -> Plot {
        let series = |name: &str| Series { name: name.into(), colour: "#123456" };
        Plot {
            title: "a < b & c".into(),
            axis: "ratio".into(),
            series: vec![series("one"), series("two")],
            rows: vec![PlotRow { name: "row".into(), values }],
            reference: Some(1.0),
        }
    }

    fn spread(low: f64, median: f64, high: f64) -> Option<Spread> {
        Some(Spread { low, median, high })
    }

    #[test]
    fn a_plot_has_its_dots_and_is_escaped() {
        let svg = plot(vec![spread(1.5, 2.0, 3.0), None]).svg().unwrap();
        assert!(svg.contains("a &lt; b &amp; c") && !svg.contains("a < b"), "{svg}");
        // Two in the legend, one in the row.
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_eq!(svg.matches("<svg").count(), svg.matches("</svg>").count());
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        // From the reference at 1 to 4, the next power of two above 3.
        assert!(svg.contains(">1</text>") && svg.contains(">4</text>") && !svg.contains(">8<"));
    }

    #[test]
    fn the_scale_is_logarithmic() {
        let scale = Scale { from: 0, to: 2 };
        let middle = (scale.x(1.0) + scale.x(4.0)) / 2.0;
        assert!((scale.x(2.0) - middle).abs() < 1e-9);
        assert_eq!(scale.x(0.1), LEFT);
        assert_eq!(scale.ticks().collect::<Vec<_>>(), [1.0, 2.0, 4.0]);
    }

    #[test]
    fn without_values_there_is_no_plot() {
        assert_eq!(plot(vec![None, None]).svg(), None);
        assert_eq!(plot(vec![spread(0.0, 0.0, 1.0), None]).svg(), None);
    }
}
