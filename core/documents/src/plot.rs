//! Plots.

use plotters::prelude::*;

/// The numbers of dossiers by their duration, in one or two series.
#[derive(Debug, Clone, Copy)]
pub struct Durations<'a> {
    pub title: &'a str,
    /// The names of the axes.
    pub axes: [&'a str; 2],
    /// The name of each series, and its number of dossiers by whole days.
    pub series: &'a [(&'a str, &'a [f64])],
    /// The limits in days, each with its name.
    pub limits: &'a [(&'a str, f64)],
}

const COLOURS: [RGBColor; 2] = [RGBColor(0x0b, 0x5c, 0xad), RGBColor(0xc4, 0x5a, 0x11)];
const LIMIT: RGBColor = RGBColor(0xb0, 0x1e, 0x1e);

impl Durations<'_> {
    /// Returns the plot as SVG, 760 by 420 pixels, or the problem in words.
    pub fn svg(&self) -> Result<String, String> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn draw(&self, text: &mut String) -> Result<(), Box<dyn std::error::Error + '_>> {
        let area = SVGBackend::with_string(text, (760, 420)).into_drawing_area();
        area.fill(&WHITE).map_err(|error| error.to_string())?;
        let longest = self.series.iter().map(|(_, bars)| bars.len()).max().unwrap_or(1).max(2);
        let furthest = self.limits.iter().map(|(_, limit)| limit + 1.0).fold(count(longest), f64::max);
        let highest = self.series.iter().flat_map(|(_, bars)| bars.iter().copied()).fold(1.0, f64::max);
        let mut chart = ChartBuilder::on(&area)
            .caption(self.title, ("sans-serif", 20))
            .margin(12)
            .x_label_area_size(42)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..furthest, 0.0..highest * 1.1)
            .map_err(|error| error.to_string())?;
        let [x, y] = self.axes;
        let mut mesh = chart.configure_mesh();
        mesh.disable_x_mesh().max_light_lines(1).x_desc(x).y_desc(y).x_label_formatter(&|days| format!("{days:.0}"));
        mesh.draw().map_err(|error| error.to_string())?;
        let width = 0.8 / count(self.series.len());
        for (number, (name, bars)) in self.series.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let left = 0.1 + width * count(number);
            let bar = |(day, height): (usize, &f64)| {
                let from = count(day) + left;
                Rectangle::new([(from, 0.0), (from + width, *height)], colour.filled())
            };
            let drawn = chart.draw_series(bars.iter().enumerate().map(bar)).map_err(|error| error.to_string())?;
            drawn.label(*name).legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], colour.filled()));
        }
        for (name, limit) in self.limits {
            let line = PathElement::new([(*limit, 0.0), (*limit, highest * 1.1)], LIMIT.stroke_width(2));
            let drawn = chart.draw_series([line]).map_err(|error| error.to_string())?;
            drawn.label(*name).legend(|(x, y)| PathElement::new([(x, y), (x + 12, y)], LIMIT.stroke_width(2)));
        }
        let mut labels = chart.configure_series_labels();
        labels.position(SeriesLabelPosition::UpperRight).background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.2));
        labels.draw().map_err(|error| error.to_string())?;
        area.present().map_err(|error| error.to_string())?;
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "few")]
const fn count(number: usize) -> f64 {
    number as f64
}
