//! A page of the manual: every entry of a dialect, for people.

use super::source::{Entry, EntryKind, Part, PartKind, Reference, Value};

/// The page as Markdown.
pub(super) fn render(reference: &Reference, source: &str) -> String {
    let mut page = format!(
        "<!-- Written by `cargo xtask docs` from {source}: change that. -->\n\n# {}\n\n",
        reference.title
    );
    paragraph(&mut page, &reference.text);
    for part in &reference.parts {
        self::part(&mut page, part);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn part(page: &mut String, part: &Part) {
    let heading = match &part.kind {
        PartKind::Section => part.name.clone(),
        PartKind::Module => format!("Module `{}`", part.name),
        PartKind::Class(_) => format!("Class `{}`", part.name),
        PartKind::Table => format!("Table `{}`", part.name),
        PartKind::Type => format!("Fields of `{}`", part.name),
    };
    page.push_str(&format!("## {heading}\n\n"));
    paragraph(page, &part.text);
    if part.kind == PartKind::Type {
        for entry in &part.entries {
            item(page, &entry.names[0], &entry.lua_type, &entry.text.join(" "));
        }
        page.push('\n');
        return;
    }
    if part.entries.len() > 3 {
        let own = part.entries.iter().filter(|entry| entry.like.is_none());
        let links: Vec<String> = own.map(|entry| link(part, entry)).collect();
        page.push_str(&format!("{}\n\n", wrapped(&links.join(", "))));
    }
    like(page, part);
    for entry in part.entries.iter().filter(|entry| entry.like.is_none()) {
        self::entry(page, part, entry);
    }
}

/// What is as in other classes: links, a paragraph for each class.
fn like(page: &mut String, part: &Part) {
    let mut classes: Vec<(&str, Vec<String>)> = Vec::new();
    for entry in &part.entries {
        let Some((class, object)) = &entry.like else { continue };
        let name = &entry.names[0];
        let link = format!("[{name}](#{})", slug(&format!("{object}:{name}")));
        match classes.iter_mut().find(|(known, _)| known == class) {
            Some((_, links)) => links.push(link),
            None => classes.push((class, vec![link])),
        }
    }
    for (class, links) in classes {
        let text = format!("As in `{class}`: {}.", links.join(", "));
        page.push_str(&format!("{}\n\n", wrapped(&text)));
    }
}

/// What the entry is called in a program.
fn full_name(part: &Part, entry: &Entry) -> String {
    let name = entry.names.join("`, `");
    match (&part.kind, entry.kind) {
        (PartKind::Class(object), EntryKind::Method) => format!("{object}:{name}"),
        (PartKind::Class(object), _) => format!("{object}.{name}"),
        _ if entry.names.len() > 1 || part.gives.is_some() => name,
        _ => format!("{}.{name}", part.name),
    }
}

fn link(part: &Part, entry: &Entry) -> String {
    let text = match entry.names.as_slice() {
        [name] => name.clone(),
        names => format!("{}…", names[0]),
    };
    format!("[{text}](#{})", slug(&full_name(part, entry)))
}

/// The anchor that both GitHub and mdBook give a heading.
pub(crate) fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

fn entry(page: &mut String, part: &Part, entry: &Entry) {
    let name = full_name(part, entry);
    page.push_str(&format!("### `{name}`\n\n"));
    if matches!(entry.kind, EntryKind::Function | EntryKind::Method) {
        let call = format!("{name}{}", entry.parameters);
        page.push_str(&format!("`{call}`\n\n"));
    } else {
        page.push_str(&format!("Type: `{}`\n\n", entry.lua_type));
    }
    if entry.is_added {
        page.push_str("*An addition: the original does not have it.*\n\n");
    }
    if let Some(text) = &entry.only_where {
        page.push_str(&format!("*Only {text}.*\n\n"));
    }
    paragraph(page, &entry.text);
    values(page, "Arguments", &entry.params);
    values(page, "Results", &entry.returns);
    if !entry.errors.is_empty() {
        page.push_str("Errors:\n\n");
        for (message, text) in &entry.errors {
            page.push_str(&format!("- `{message}`: {text}\n"));
        }
        page.push('\n');
    }
    for text in &entry.raises {
        page.push_str(&format!("Raises: {text}\n\n"));
    }
    for example in &entry.examples {
        let mark = format!("lua {}", example.mark);
        page.push_str(&format!("```{}\n{}\n```\n\n", mark.trim_end(), example.code));
        if let Some(output) = &example.output {
            page.push_str(&format!("prints\n\n```output\n{output}\n```\n\n"));
        }
    }
}

fn values(page: &mut String, heading: &str, values: &[Value]) {
    if values.is_empty() {
        return;
    }
    page.push_str(&format!("{heading}:\n\n"));
    for value in values {
        item(page, &value.name, &value.lua_type, &value.text);
    }
    page.push('\n');
}

fn item(page: &mut String, name: &str, lua_type: &str, text: &str) {
    let (name, left_out) = match name.strip_suffix('?') {
        Some(name) => (name, ", may be left out"),
        None => (name, ""),
    };
    let lua_type = match lua_type.strip_suffix('?') {
        // The end of a function's type is that of its result.
        Some(plain) if !lua_type.starts_with("fun(") => format!("`{plain}` or nil"),
        _ => format!("`{lua_type}`"),
    };
    let line = format!("- `{name}` ({lua_type}{left_out}): {text}");
    page.push_str(line.trim_end_matches(": "));
    page.push('\n');
}

/// Text without the blank lines around it.
fn paragraph(page: &mut String, lines: &[String]) {
    let text = lines.join("\n");
    if !text.trim().is_empty() {
        page.push_str(text.trim());
        page.push_str("\n\n");
    }
}

/// Breaks a long line at its blanks.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().filter(|line| line.len() + word.len() < 118);
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => line.push_str(&format!(" {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_all_its_parts() {
        let source = "@title T\n@class a.b as it\n@method f(x [, y])\nDoes.\n@param x string one\n@param y? number\n\
                      @return integer? n two\n@error \"gone\" away\n@raises if late\n@added\n@example no-run net\nx\n@end\n";
        let page = render(&Reference::parse("s", source).unwrap(), "s");
        for part in [
            "# T\n",
            "## Class `a.b`\n",
            "### `it:f`\n\n`it:f(x [, y])`\n",
            "- `x` (`string`): one\n",
            "- `y` (`number`, may be left out)\n",
            "- `n` (`integer` or nil): two\n",
            "- `\"gone\"`: away\n",
            "Raises: if late\n",
            "*An addition",
            "```lua no-run net\nx\n```\n",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[test]
    fn anchors_are_those_of_the_headings() {
        assert_eq!(slug("socket.dns.toip"), "socketdnstoip");
        assert_eq!(slug("tcp:close"), "tcpclose");
    }
}
