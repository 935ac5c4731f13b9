//! Rules on how long things may be.

use super::tree::{Exceptions, Finding, Source, Tree, except, names};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 100;

/// Longer files.
const LONG_FILES: Exceptions =
    &[("docs/luacats/library/", "written by `cargo xtask docs`, for editors only")];

/// Files with longer functions.
const LONG_FUNCTIONS: Exceptions = &[];

pub(super) fn files(tree: &Tree) -> Vec<Finding> {
    let sources =
        tree.files.iter().filter(|file| file.path.ends_with(".rs") || file.path.ends_with(".lua"));
    let long = sources.filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > FILE_LINES_MAX).then(|| Finding::new(&file.path, lines, format!("{lines} lines")))
    });
    except(long.collect(), LONG_FILES, "LONG_FILES")
}

pub(super) fn functions(tree: &Tree) -> Vec<Finding> {
    except(tree.rust().flat_map(long_functions).collect(), LONG_FUNCTIONS, "LONG_FUNCTIONS")
}

fn long_functions(file: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = file.code.lines().collect();
    let mut findings = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| names(line, "fn ")) {
        let length = function_lines(&lines[index..]);
        if length > FUNCTION_LINES_MAX {
            let name = line.trim().trim_end_matches('{').trim_end();
            findings.push(Finding::new(&file.path, index + 1, format!("{length} lines: {name}")));
        }
    }
    findings
}

/// From the line of `fn` to the one of its closing brace; 1 where there is no body.
fn function_lines(lines: &[&str]) -> usize {
    let mut depth = 0;
    let start = lines[0].find("fn ").unwrap_or(0);
    for (index, line) in lines.iter().enumerate() {
        for c in line.chars().skip(if index == 0 { line[..start].chars().count() } else { 0 }) {
            match c {
                '{' => depth += 1,
                '}' if depth <= 1 => return index + 1,
                '}' => depth -= 1,
                ';' if depth == 0 && index == 0 => return 1,
                _ => {}
            }
        }
        if depth == 0 && line.trim_end().ends_with(';') {
            return index + 1;
        }
    }
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let (long, short) = ("x\n".repeat(401), "x\n".repeat(400));
        let excepted = LONG_FILES.iter().map(|(path, _)| (*path, long.as_str()));
        let mut sources =
            vec![("a.rs", &*long), ("b.rs", &*short), ("c.lua", &*long), ("d.md", &*long)];
        sources.extend(excepted);
        let tree = Tree::of(&sources);
        let found: Vec<String> = files(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(found, ["a.rs", "c.lua"]);
    }

    #[test]
    fn a_long_function_is_found() {
        let body = "    x(\"}\");\n".repeat(99);
        let text = format!(
            "fn short() {{\n{}}}\ntrait T {{\n    fn none(\n        a: u8,\n    );\n}}\nfn long() {{\n{body}}}\n",
            "x();\n".repeat(98)
        );
        let found = functions(&Tree::of(&[("a.rs", &text)]));
        assert_eq!(found, [Finding::new("a.rs", 106, "101 lines: fn long()")]);
    }
}
