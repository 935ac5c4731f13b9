//! The definition files: every entry of a dialect, for editors that know LuaCATS.

use super::source::{Entry, EntryKind, Part, PartKind, Reference};

/// The files by the modules' names. Classes and types go into the file of the module before them.
pub(super) fn render(reference: &Reference, source: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for part in &reference.parts {
        match part.kind {
            PartKind::Table => {
                if let Some((module, file)) = files.last_mut() {
                    let inner = part.name.strip_prefix(module.as_str()).unwrap_or(&part.name);
                    table(file, &format!("M{inner}"), part);
                }
            }
            PartKind::Section => {}
            PartKind::Module => files.push((part.name.clone(), module(part, source))),
            _ => {
                if let Some((_, file)) = files.last_mut() {
                    class(file, part);
                }
            }
        }
    }
    for (name, file) in &mut files {
        let part = reference.parts.iter().find(|part| part.name == *name);
        match part.and_then(|part| part.gives.as_ref()) {
            Some(function) => file.push_str(&format!("return M.{function}\n")),
            None => file.push_str("return M\n"),
        }
    }
    files
}

fn module(part: &Part, source: &str) -> String {
    let mut file = format!("---@meta {}\n\n", part.name);
    file.push_str(&format!("-- Written by `cargo xtask docs` from {source}: change that.\n\n"));
    comment(&mut file, &part.text);
    file.push_str("local M = {}\n\n");
    part.entries.iter().for_each(|entry| self::entry(&mut file, "M", entry));
    file
}

fn table(file: &mut String, table: &str, part: &Part) {
    comment(file, &part.text);
    file.push_str(&format!("{table} = {{}}\n\n"));
    part.entries.iter().for_each(|entry| self::entry(file, table, entry));
}

fn class(file: &mut String, part: &Part) {
    comment(file, &part.text);
    file.push_str(&format!("---@class {}\n", part.name));
    for entry in part.entries.iter().filter(|entry| entry.kind == EntryKind::Field) {
        let text = entry.text.join(" ");
        for name in &entry.names {
            let line = format!("---@field {name} {} {}", entry.lua_type, text.trim());
            file.push_str(&format!("{}\n", line.trim_end()));
        }
    }
    let table = match &part.kind {
        PartKind::Class(object) => object.clone(),
        _ => return file.push('\n'),
    };
    file.push_str(&format!("local {table} = {{}}\n\n"));
    for entry in part.entries.iter().filter(|entry| entry.kind != EntryKind::Field) {
        self::entry(file, &table, entry);
    }
}

fn entry(file: &mut String, table: &str, entry: &Entry) {
    comment(file, &entry.text);
    if !matches!(entry.kind, EntryKind::Function | EntryKind::Method) {
        for name in &entry.names {
            file.push_str(&format!("---@type {}\n{table}.{name} = nil\n\n", entry.lua_type));
        }
        return;
    }
    if !entry.errors.is_empty() {
        let errors: Vec<&str> = entry.errors.iter().map(|(message, _)| message.as_str()).collect();
        file.push_str(&format!("---\n---Errors: {}\n", errors.join(", ")));
    }
    for param in &entry.params {
        let line = format!("---@param {} {} {}", param.name, param.lua_type, param.text);
        file.push_str(&format!("{}\n", line.trim_end()));
    }
    for value in &entry.returns {
        let line = format!("---@return {} {} {}", value.lua_type, value.name, value.text);
        file.push_str(&format!("{}\n", line.trim_end()));
    }
    let names: Vec<&str> =
        entry.params.iter().map(|param| param.name.trim_end_matches('?')).collect();
    let mark = if entry.kind == EntryKind::Method { ':' } else { '.' };
    let name = &entry.names[0];
    file.push_str(&format!("function {table}{mark}{name}({}) end\n\n", names.join(", ")));
}

fn comment(file: &mut String, lines: &[String]) {
    let text = lines.join("\n");
    for line in text.trim().lines() {
        file.push_str(&format!("---{line}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_classes_and_types_are_defined() {
        let source = "@title T\n@module a\n@function f(x [, y])\nDoes.\n@param x string one\n@param y? integer\n\
                      @return integer? n two\n@constant K integer its text\n@table a.in\n@function h()\n@class a.b as it\n@field class string\n\
                      @method g()\n@type a.options\n@field deep boolean how\n";
        let files = render(&Reference::parse("s", source).unwrap(), "s");
        assert_eq!(files.len(), 1);
        for part in [
            "---@meta a\n",
            "---Does.\n---@param x string one\n---@param y? integer\n---@return integer? n two\nfunction M.f(x, y) end\n",
            "---@type integer\nM.K = nil\n",
            "M.in = {}\n\nfunction M.in.h() end\n",
            "---@class a.b\n---@field class string\nlocal it = {}\n",
            "function it:g() end\n",
            "---@class a.options\n---@field deep boolean how\n",
        ] {
            assert!(files[0].1.contains(part), "{part} in {}", files[0].1);
        }
        assert!(files[0].1.ends_with("return M\n"));
    }
}
