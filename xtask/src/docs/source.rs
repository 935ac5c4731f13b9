//! The sources of the reference: a text file per dialect, read line by line. conformance/lua/manual reads them too.
//!
//! A line that begins with `@` and a word is a tag. All other lines are Markdown that belongs to the last module, class
//! or entry; lines that begin with two blanks go on with the tag above them.
//!
//! ```text
//! @title LuaSocket                          the page; its introduction follows
//! @module socket                            a module by the name that `require` takes
//! @table socket.dns                         a table in the module above
//! @class socket.tcp as tcp                  a class, and what its examples call an object
//! @keys return getmetatable(x).__index      Lua that gives a table with the keys to document
//! @properties path                          the source where the names of its properties stand
//! @function connect(address, port [, local])
//! @method close()
//! @constant BLOCKSIZE integer text          of a module; `@constants integer A B C` for many with one text
//! @field class string text                  of an object
//! @param address string text                `name?` for what may be left out; `...` too
//! @return string? data text                 one per result
//! @error "timeout" text                     a message that is returned
//! @raises text                              what is an error in Lua's sense
//! @like socket.tcp close send               methods that are those of a class above
//! @added                                    the original has none of it
//! @where text                               only there does it exist
//! @optional                                 it may be missing
//! @gives f                                  the module is this function
//! @section Options                          text under a heading of its own
//! @example                                  until `@end`; `@example no-run reason` is not run
//! @output                                   what the example prints, until `@end`
//! @type socket.stats                        a table of this shape, which its `@field`s tell
//! ```

use super::Wrong;

/// A page.
#[derive(Debug, Default)]
pub(super) struct Reference {
    pub(super) title: String,
    pub(super) text: Vec<String>,
    pub(super) parts: Vec<Part>,
}

/// What has entries.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) kind: PartKind,
    pub(super) name: String,
    pub(super) text: Vec<String>,
    pub(super) entries: Vec<Entry>,
    /// The function that the module is, if it is one.
    pub(super) gives: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum PartKind {
    Module,
    /// Nothing but text.
    Section,
    /// A table in the module before it.
    Table,
    /// With the word for one of its objects.
    Class(String),
    /// The shape of a table that goes in or comes out.
    Type,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum EntryKind {
    Function,
    Method,
    Constant,
    Field,
}

/// A function, method, constant or field.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) kind: EntryKind,
    /// More than one for constants that share a text.
    pub(super) names: Vec<String>,
    /// A constant's or field's.
    pub(super) lua_type: String,
    /// A function's parameters as its page shows them, with the parentheses.
    pub(super) parameters: String,
    pub(super) text: Vec<String>,
    pub(super) params: Vec<Value>,
    pub(super) returns: Vec<Value>,
    /// Messages and their meanings.
    pub(super) errors: Vec<(String, String)>,
    pub(super) raises: Vec<String>,
    pub(super) is_added: bool,
    pub(super) only_where: Option<String>,
    pub(super) examples: Vec<Example>,
    /// The class that has the same, and its word for an object.
    pub(super) like: Option<(String, String)>,
}

/// A parameter or result.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) lua_type: String,
    pub(super) text: String,
}

#[derive(Clone, Debug)]
pub(super) struct Example {
    /// What follows `lua` in the fence.
    pub(super) mark: String,
    pub(super) code: String,
    pub(super) output: Option<String>,
}

impl Reference {
    /// Reads a source.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, Wrong> {
        let mut reader = Reader { lines: text.lines().enumerate(), reference: Self::default() };
        let mut current: Option<(usize, String, String)> = None;
        loop {
            let next = reader.lines.next();
            let continues =
                next.as_ref().is_some_and(|(_, line)| line.starts_with("  ") && current.is_some());
            if let (true, Some((_, line)), Some((_, _, rest))) = (continues, &next, &mut current) {
                rest.push(' ');
                rest.push_str(line.trim());
                continue;
            }
            if let Some((number, tag, rest)) = current.take() {
                reader.tag(&tag, rest.trim()).map_err(|message| Wrong {
                    path: path.to_owned(),
                    line: number + 1,
                    message,
                })?;
            }
            let Some((number, line)) = next else { break };
            match line.strip_prefix('@') {
                Some(tag) => {
                    let (tag, rest) = tag.split_once(' ').unwrap_or((tag, ""));
                    match tag {
                        "example" | "output" => reader.raw(tag, rest),
                        _ => current = Some((number, tag.to_owned(), rest.to_owned())),
                    }
                }
                None => reader.text().push(line.to_owned()),
            }
        }
        Ok(reader.reference)
    }
}

struct Reader<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    reference: Reference,
}

impl Reader<'_> {
    /// Where text goes now.
    fn text(&mut self) -> &mut Vec<String> {
        let Some(part) = self.reference.parts.last_mut() else {
            return &mut self.reference.text;
        };
        match part.entries.last_mut() {
            Some(entry) => &mut entry.text,
            None => &mut part.text,
        }
    }

    /// The lines until `@end`.
    fn raw(&mut self, tag: &str, mark: &str) {
        let block = self.lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "@end");
        let code = block.collect::<Vec<_>>().join("\n");
        let entry = self.reference.parts.last_mut().and_then(|part| part.entries.last_mut());
        let Some(entry) = entry else { return };
        match (tag, entry.examples.last_mut()) {
            ("output", Some(example)) => example.output = Some(code),
            _ => entry.examples.push(Example { mark: mark.to_owned(), code, output: None }),
        }
    }

    fn tag(&mut self, tag: &str, rest: &str) -> Result<(), String> {
        match tag {
            "title" => rest.clone_into(&mut self.reference.title),
            "module" => self.part(PartKind::Module, rest),
            "table" => self.part(PartKind::Table, rest),
            "type" => self.part(PartKind::Type, rest),
            "class" => {
                let (name, object) = rest.split_once(" as ").ok_or("a class wants ` as word`")?;
                self.part(PartKind::Class(object.to_owned()), name);
            }
            "function" | "method" => {
                let kind = if tag == "method" { EntryKind::Method } else { EntryKind::Function };
                let at = rest.find('(').ok_or("a function wants its parentheses")?;
                self.entry(kind, vec![rest[..at].to_owned()], "", "")?.parameters =
                    rest[at..].to_owned();
            }
            "constant" | "field" => {
                let kind = if tag == "field" { EntryKind::Field } else { EntryKind::Constant };
                let Value { name, lua_type, text } = value(rest, false)?;
                self.entry(kind, vec![name], &lua_type, &text)?;
            }
            "constants" => {
                let (lua_type, names) = rest.split_once(' ').ok_or("a type, then names")?;
                let names = names.split_whitespace().map(str::to_owned).collect();
                self.entry(EntryKind::Constant, names, lua_type, "")?;
            }
            "section" => self.part(PartKind::Section, rest),
            "gives" => {
                let part = self.reference.parts.last_mut().ok_or("no module yet")?;
                part.gives = Some(rest.to_owned());
            }
            "like" => self.like(rest)?,
            // Only the test needs them.
            "keys" | "properties" | "optional" => {}
            _ => self.detail(tag, rest)?,
        }
        Ok(())
    }

    /// Copies of the named entries of a class above.
    fn like(&mut self, rest: &str) -> Result<(), String> {
        let mut words = rest.split_whitespace();
        let class = words.next().unwrap_or_default();
        let model = self.reference.parts.iter().find(|part| part.name == class);
        let model = model.ok_or_else(|| format!("there is no class {class}"))?;
        let PartKind::Class(object) = &model.kind else {
            return Err(format!("{class} is no class"));
        };
        let like = (class.to_owned(), object.clone());
        let mut copies = Vec::new();
        for name in words {
            let found = model.entries.iter().find(|entry| entry.names[0] == name);
            let entry = found.ok_or_else(|| format!("{class} has no {name}"))?;
            let like = entry.like.clone().or_else(|| Some(like.clone()));
            copies.push(Entry { like, ..entry.clone() });
        }
        let part = self.reference.parts.last_mut().ok_or("no class yet")?;
        part.entries.extend(copies);
        Ok(())
    }

    /// A tag that says more about the last entry.
    fn detail(&mut self, tag: &str, rest: &str) -> Result<(), String> {
        let part = self.reference.parts.last_mut();
        let entry = part.and_then(|part| part.entries.last_mut());
        let entry = entry.ok_or_else(|| format!("`@{tag}` belongs to nothing"))?;
        match tag {
            "param" => entry.params.push(value(rest, false)?),
            "return" => entry.returns.push(value(rest, true)?),
            "raises" => entry.raises.push(rest.to_owned()),
            "added" => entry.is_added = true,
            "where" => entry.only_where = Some(rest.to_owned()),
            "error" => {
                // A message in quotes, else a word.
                let end = match rest.strip_prefix('"') {
                    Some(quoted) => quoted.find('"').ok_or("a quote is open")? + 2,
                    None => rest.find(' ').unwrap_or(rest.len()),
                };
                entry.errors.push((rest[..end].to_owned(), rest[end..].trim().to_owned()));
            }
            _ => return Err(format!("there is no tag `@{tag}`")),
        }
        Ok(())
    }

    fn part(&mut self, kind: PartKind, name: &str) {
        let (text, entries) = (Vec::new(), Vec::new());
        let part = Part { kind, name: name.to_owned(), text, entries, gives: None };
        self.reference.parts.push(part);
    }

    fn entry(
        &mut self,
        kind: EntryKind,
        names: Vec<String>,
        lua_type: &str,
        text: &str,
    ) -> Result<&mut Entry, String> {
        let part = self.reference.parts.last_mut().ok_or("no module or class yet")?;
        part.entries.push(Entry {
            kind,
            names,
            lua_type: lua_type.to_owned(),
            parameters: String::new(),
            text: if text.is_empty() { Vec::new() } else { vec![text.to_owned()] },
            params: Vec::new(),
            returns: Vec::new(),
            errors: Vec::new(),
            raises: Vec::new(),
            is_added: false,
            only_where: None,
            examples: Vec::new(),
            like: None,
        });
        part.entries.last_mut().ok_or_else(|| "no entry".to_owned())
    }
}

/// `name type text`, or for results `type name text`.
fn value(rest: &str, is_result: bool) -> Result<Value, String> {
    let mut words = rest.splitn(3, ' ');
    let first = words.next().filter(|word| !word.is_empty()).ok_or("a name is missing")?;
    let second = words.next().ok_or("a type is missing")?;
    let (name, lua_type) = if is_result { (second, first) } else { (first, second) };
    let text = words.next().unwrap_or_default().trim().to_owned();
    Ok(Value { name: name.to_owned(), lua_type: lua_type.to_owned(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_text_find_their_places() {
        let text = "@title T\nintro\n@module m\nabout m\n@function f(a [, b])\ndoes\n@param a string one\n  \
                    and more\n@param b? integer two\n@return string? data it\n@error \"timed out\" late\n\
                    @example\nf()\n@end\n@output\n1\n@end\n@constants integer A B\nboth\n";
        let reference = Reference::parse("x", text).unwrap();
        assert_eq!((reference.title.as_str(), reference.text.len()), ("T", 1));
        let part = &reference.parts[0];
        assert_eq!((part.name.as_str(), part.text.join("")), ("m", "about m".to_owned()));
        let f = &part.entries[0];
        assert_eq!((f.names[0].as_str(), f.parameters.as_str()), ("f", "(a [, b])"));
        assert_eq!(f.params[0].text, "one and more");
        assert_eq!((f.params[1].name.as_str(), f.returns[0].lua_type.as_str()), ("b?", "string?"));
        assert_eq!(f.errors, [("\"timed out\"".to_owned(), "late".to_owned())]);
        assert_eq!(
            (f.examples[0].code.as_str(), f.examples[0].output.as_deref()),
            ("f()", Some("1"))
        );
        assert_eq!(part.entries[1].names, ["A", "B"]);
    }

    #[test]
    fn what_is_wrong_names_its_line() {
        let line = |text| Reference::parse("x", text).err().map(|wrong| wrong.line);
        assert_eq!(line("@title T\n@nonsense x\n"), Some(2));
        assert_eq!(line("@module m\n@function f\n"), Some(2));
        assert_eq!(line("@module m\n\n@param a string\n"), Some(3));
    }
}
