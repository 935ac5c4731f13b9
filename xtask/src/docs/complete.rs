//! What every entry has to have: its parameters one by one, and for a function an example.

use super::source::{Entry, EntryKind, Reference};

/// The first thing that is missing.
pub(super) fn lacks(reference: &Reference) -> Option<String> {
    let entries =
        reference.parts.iter().flat_map(|part| part.entries.iter().map(move |it| (part, it)));
    entries
        .filter(|(_, entry)| matches!(entry.kind, EntryKind::Function | EntryKind::Method))
        .find_map(|(part, entry)| {
            Some(format!("{}.{}: {}", part.name, entry.names[0], lack(entry)?))
        })
}

fn lack(entry: &Entry) -> Option<String> {
    let shown = names(&entry.parameters);
    let told: Vec<&str> =
        entry.params.iter().map(|param| param.name.trim_end_matches('?')).collect();
    // What stands between others in a call stands for the last of them.
    let same =
        shown == told || shown.iter().position(|name| *name == "...") == Some(1) && told.len() == 2;
    if !same {
        return Some(format!("is called with {shown:?}, but explains {told:?}"));
    }
    let optional = |name: &str| entry.params.iter().any(|param| param.name == format!("{name}?"));
    let wrong = shown.iter().find(|name| optional(name) != is_bracketed(&entry.parameters, name));
    if let Some(name) = wrong {
        return Some(format!("{name} has to be optional in both places, or in none"));
    }
    entry.examples.is_empty().then(|| "has no example".to_owned())
}

/// The parameters in a call such as `(a [, b [, c]])`.
fn names(parameters: &str) -> Vec<&str> {
    let inner = parameters.trim_matches(['(', ')']);
    inner.split([',', '[', ']']).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// Does a parameter stand behind a bracket?
fn is_bracketed(parameters: &str, name: &str) -> bool {
    let mut depth = 0;
    let mut word = String::new();
    for c in parameters.chars() {
        match c {
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            c => {
                if word == name {
                    return depth > 0;
                }
                word.clear();
                depth += i32::from(c == '[') - i32::from(c == ']');
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks_of(text: &str) -> Option<String> {
        lacks(&Reference::parse("x", &format!("@title T\n@module m\n{text}")).unwrap())
    }

    #[test]
    fn parameters_and_examples_are_asked_for() {
        let example = "@example\n@end\n";
        let lack = |text: &str| lacks_of(&format!("{text}{example}"));
        assert_eq!(lack("@function f(a [, b])\n@param a any\n@param b? any\n"), None);
        assert!(
            lack("@function f(a [, b])\n@param a any\n").is_some_and(|it| it.contains("explains"))
        );
        assert!(
            lack("@function f(a [, b])\n@param a any\n@param b any\n")
                .is_some_and(|it| it.contains("optional"))
        );
        assert!(lack("@function f(a)\n@param a? any\n").is_some_and(|it| it.contains("optional")));
        assert_eq!(lacks_of("@function f()\n").as_deref(), Some("m.f: has no example"));
    }
}
