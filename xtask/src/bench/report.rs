//! What a run leaves behind: tables on the terminal; data, plots and a page in a folder.

use std::path::Path;

use super::entrants::Role;
use super::plot::{Plot, PlotRow, Series};
use super::results::{Figure, Row};
use super::stats::Spread;
use super::table::{self, Table};
use super::{data, machine};
use crate::args::Failure;
use crate::lua::{Backend, Lua};
use crate::paint;
use crate::project::Project;

/// All that was measured with one Lua.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) lua: Lua,
    pub(super) reps: u32,
    pub(super) rows: Vec<Row>,
}

/// One for each backend, the noise, the limit.
const COLOURS: [&str; 4] = ["#1f6feb", "#d1242f", "#a0a0a0", "#2da44e"];

impl Report {
    /// A part of file names.
    fn stem(&self) -> String {
        if self.lua == Lua::Jit { "luajit".into() } else { format!("lua{}", self.lua.name()) }
    }

    fn tables(&self) -> Vec<(String, Table)> {
        let title = self.lua.title();
        let all = [
            (
                format!("{title}: how many times as little processor time as LuaSocket"),
                table::ratios(&self.rows, Figure::Cpu, self.lua),
            ),
            (
                format!("{title}: how many times as fast as LuaSocket"),
                table::ratios(&self.rows, Figure::Wall, self.lua),
            ),
            (
                format!("{title}: echo servers, processor time for a request"),
                table::servers(&self.rows),
            ),
            (format!("{title}: memory, size, start"), table::footprint(&self.rows)),
        ];
        all.into_iter().filter(|(_, table)| !table.is_empty()).collect()
    }

    pub(super) fn print(&self) {
        let style = paint::stdout();
        for (title, table) in self.tables() {
            println!("\n{}\n\n{}", style.bold(&title), table.text(style));
        }
        for row in &self.rows {
            for outcome in &row.outcomes {
                if let Err(why) = &outcome.samples {
                    let name = &outcome.entrant.name;
                    println!("{} {}, {name}: {why}", style.bad("✗"), row.workload.name);
                }
            }
        }
    }

    fn ratio_plot(&self) -> Plot {
        let roles =
            [Role::Ours(Backend::Blocking), Role::Ours(Backend::Mio), Role::Again, Role::Limit];
        let names = ["blocking", "mio", "LuaSocket again", "C"];
        let rows = self.rows.iter().filter(|row| !row.is_server() && !row.is_start());
        let values = |row: &Row| -> Vec<Option<Spread>> {
            let of = |role| row.first(|r| r == role).and_then(|i| row.ratio(i, Figure::Cpu));
            roles.map(of).to_vec()
        };
        let rows = rows.map(|row| PlotRow { name: row.workload.name.into(), values: values(row) });
        Plot {
            title: format!("Processor time: LuaSocket's by moonsocket's, {}", self.lua.title()),
            axis: "times as cheap as LuaSocket; dots are medians, whiskers quartiles".into(),
            series: series(&names),
            rows: rows.filter(|row| row.values.iter().any(Option::is_some)).collect(),
            reference: Some(1.0),
        }
    }

    fn server_plot(&self) -> Plot {
        let servers: Vec<&Row> = self.rows.iter().filter(|row| row.is_server()).collect();
        let names: Vec<&str> = servers.iter().map(|row| row.workload.name).collect();
        let mut rows: Vec<PlotRow> = Vec::new();
        for (at, row) in servers.iter().enumerate() {
            for (index, outcome) in row.outcomes.iter().enumerate() {
                let (name, value) = (&outcome.entrant.name, row.figure(index, Figure::Cpu));
                if outcome.entrant.role == Role::Again {
                    continue;
                }
                if !rows.iter().any(|row| row.name == *name) {
                    rows.push(PlotRow { name: name.clone(), values: vec![None; servers.len()] });
                }
                if let Some(row) = rows.iter_mut().find(|row| row.name == *name) {
                    row.values[at] = value;
                }
            }
        }
        Plot {
            title: format!("Echo servers: processor time for a request, {}", self.lua.title()),
            axis: "microseconds".into(),
            series: series(&names),
            rows,
            reference: None,
        }
    }

    /// Writes the data and the plots, and gives this Lua's part of the page.
    pub(super) fn write(&self, project: &Project, folder: &Path) -> Result<String, Failure> {
        let about = machine::about(project, self.lua, self.reps);
        let stem = self.stem();
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).map_err(|error| Failure::io(path.display(), &error))
        };
        write(&format!("{stem}.csv"), &data::csv(&self.rows, &about))?;
        let mut page = format!("\n## {}\n\n", self.lua.title());
        page.extend(about.iter().map(|line| format!("- {line}\n")));
        page += &format!("- figures: [{stem}.csv]({stem}.csv)\n");
        for (kind, plot) in [("ratios", self.ratio_plot()), ("servers", self.server_plot())] {
            if let Some(svg) = plot.svg() {
                let name = format!("{stem}-{kind}.svg");
                write(&name, &svg)?;
                page += &format!("\n![{}]({name})\n", plot.title);
            }
        }
        for (title, table) in self.tables() {
            page += &format!("\n### {title}\n\n{}", table.markdown());
        }
        Ok(page)
    }
}

/// Named series in the colours, which repeat.
fn series(names: &[&str]) -> Vec<Series> {
    let colours = COLOURS.iter().chain(&["#8250df", "#bf8700"]).cycle();
    names
        .iter()
        .zip(colours)
        .map(|(name, colour)| Series { name: (*name).into(), colour })
        .collect()
}
