//! Reads what `cargo test` writes.

use crate::tally::Tally;

/// The sum of the `test result:` lines, if there is one.
pub(crate) fn tally(output: &str) -> Option<Tally> {
    let mut sum = None;
    for line in output.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        let tally: &mut Tally = sum.get_or_insert_default();
        for part in line.split(['.', ';']).map(str::trim) {
            let Some((count, word)) = part.split_once(' ') else {
                continue;
            };
            let Ok(count) = count.parse::<u64>() else {
                continue;
            };
            match word {
                "passed" => tally.passed += count,
                "failed" => tally.failed += count,
                "ignored" => tally.skipped += count,
                _ => {}
            }
        }
    }
    sum
}

/// The names of the tests that failed, and what each of their programs says of them: their output, then a list.
pub(crate) fn failures(output: &str) -> (Vec<String>, String) {
    let (mut names, mut said) = (Vec::new(), String::new());
    let mut inside = false;
    for line in output.lines() {
        let name = line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"));
        names.extend(name.map(str::to_owned));
        inside = line == "failures:" || inside && !line.starts_with("test result: ");
        if inside {
            said += line;
            said.push('\n');
        }
    }
    (names, said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_summed() {
        let output = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
                      test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        assert_eq!(tally(output), Some(Tally { passed: 13, failed: 2, skipped: 1 }));
        assert_eq!(tally("error: could not compile"), None);
    }

    #[test]
    fn failures_are_told_apart_from_what_went_well() {
        let one = "failures:\n\n---- a stdout ----\nwhy\n\nfailures:\n    a\n\n";
        let ended = "test result: FAILED. 1 passed; 1 failed\nDoc-tests\n";
        let other = "failures:\n    b\n";
        let output = format!(
            "test a ... FAILED\n{one}{ended}test c ... ok\ntest b ... FAILED\n{other}{ended}"
        );
        let names = vec!["a".to_owned(), "b".to_owned()];
        assert_eq!(failures(&output), (names, format!("{one}{other}")));
        assert_eq!(failures("error: could not compile"), (Vec::new(), String::new()));
    }
}
