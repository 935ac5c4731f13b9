//! A reader for the JSON that cargo prints. Not a general one: numbers are kept as text, and nothing is written.

use std::collections::BTreeMap;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

impl Json {
    /// Reads one value that fills the whole text.
    pub(crate) fn parse(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value()?;
        reader.space();
        if reader.at == text.len() { Ok(value) } else { Err(reader.error("the end")) }
    }

    /// The field `name` of a map.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        if let Json::Map(map) = self { map.get(name) } else { None }
    }

    /// A string's text.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Json::Text(text) = self { Some(text) } else { None }
    }

    /// A list's items; nothing for any other value.
    pub(crate) fn items(&self) -> &[Json] {
        if let Json::List(items) = self { items } else { &[] }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn error(&self, wanted: &str) -> String {
        format!("JSON: expected {wanted} at byte {}", self.at)
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes `word` if it comes next.
    fn take(&mut self, word: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    fn value(&mut self) -> Result<Json, String> {
        self.space();
        match self.rest().as_bytes().first() {
            Some(b'{') => self.map(),
            Some(b'[') => self.list(),
            Some(b'"') => self.string().map(Json::Text),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Json, String> {
        let end =
            self.rest().find([',', ']', '}', ' ', '\n', '\r', '\t']).unwrap_or(self.rest().len());
        let word = &self.rest()[..end];
        let value = match word {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ if word.parse::<f64>().is_ok() => Json::Number(word.to_owned()),
            _ => return Err(self.error("a value")),
        };
        self.at += end;
        Ok(value)
    }

    fn list(&mut self) -> Result<Json, String> {
        self.take("[");
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            if self.take("]") {
                return Ok(Json::List(items));
            }
            if !self.take(",") {
                return Err(self.error("`,` or `]`"));
            }
        }
    }

    fn map(&mut self) -> Result<Json, String> {
        self.take("{");
        let mut map = BTreeMap::new();
        if self.take("}") {
            return Ok(Json::Map(map));
        }
        loop {
            self.space();
            let name = self.string()?;
            if !self.take(":") {
                return Err(self.error("`:`"));
            }
            map.insert(name, self.value()?);
            if self.take("}") {
                return Ok(Json::Map(map));
            }
            if !self.take(",") {
                return Err(self.error("`,` or `}`"));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        if !self.take("\"") {
            return Err(self.error("a string"));
        }
        let mut text = String::new();
        loop {
            let mut chars = self.rest().chars();
            let (Some(first), second) = (chars.next(), chars.next()) else {
                return Err(self.error("`\"`"));
            };
            self.at += first.len_utf8();
            match (first, second) {
                ('"', _) => return Ok(text),
                ('\\', Some(escape)) => {
                    self.at += escape.len_utf8();
                    text.push(self.escaped(escape)?);
                }
                _ => text.push(first),
            }
        }
    }

    fn escaped(&mut self, escape: char) -> Result<char, String> {
        Ok(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let code =
                    self.rest().get(..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
                let code = code.ok_or_else(|| self.error("four hexadecimal digits"))?;
                self.at += 4;
                // Cargo writes UTF-8 and escapes control characters only: half a pair cannot be meant.
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            other => other,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_prints() {
        let json =
            Json::parse(r#" {"a": [1, -2.5e3, true, null, {}], "b\n": "x\u0041\"\\é", "c": []} "#)
                .unwrap();
        assert_eq!(json.get("a").unwrap().items()[1], Json::Number("-2.5e3".into()));
        assert_eq!(json.get("a").unwrap().items().len(), 5);
        assert_eq!(json.get("b\n").and_then(Json::text), Some("xA\"\\é"));
        assert!(json.get("c").unwrap().items().is_empty());
    }

    #[test]
    fn says_where_it_is_wrong() {
        for text in ["", "{", "[1,]", "{\"a\" 1}", "\"x", "1 2", "nope", "\"\\u00\""] {
            assert!(Json::parse(text).is_err(), "{text}");
        }
    }
}
