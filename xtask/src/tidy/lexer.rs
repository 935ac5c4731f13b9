//! Blanks out what is not code in Rust sources. Knows just enough of Rust to tell comments and literals from code.

/// Replaces comments, and with `literals` the contents of strings and characters, by spaces. Line breaks stay, and so
/// does every line's length in characters.
pub(super) fn strip(text: &str, literals: bool) -> String {
    let mut lexer =
        Lexer { chars: text.chars().collect(), at: 0, out: String::with_capacity(text.len()) };
    while lexer.at < lexer.chars.len() {
        lexer.step(literals);
    }
    lexer.out
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    out: String,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.at + ahead).copied().unwrap_or('\0')
    }

    fn keep(&mut self, count: usize) {
        let end = (self.at + count).min(self.chars.len());
        self.out.extend(&self.chars[self.at..end]);
        self.at = end;
    }

    fn blank(&mut self, count: usize) {
        let end = (self.at + count).min(self.chars.len());
        self.out
            .extend(self.chars[self.at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        self.at = end;
    }

    /// Keeps or blanks a literal's contents.
    fn contents(&mut self, count: usize, literals: bool) {
        if literals { self.blank(count) } else { self.keep(count) }
    }

    fn step(&mut self, literals: bool) {
        match (self.peek(0), self.peek(1)) {
            ('/', '/') => {
                let length = self.chars[self.at..].iter().take_while(|c| **c != '\n').count();
                self.blank(length);
            }
            ('/', '*') => self.block_comment(),
            ('"', _) => self.string(literals),
            ('r', '"' | '#') if !self.is_inside_word() => self.raw_string(literals),
            ('b' | 'c', 'r') if matches!(self.peek(2), '"' | '#') && !self.is_inside_word() => {
                self.keep(1);
                self.raw_string(literals);
            }
            ('\'', _) => self.quote(literals),
            _ => self.keep(1),
        }
    }

    fn is_inside_word(&self) -> bool {
        self.at > 0 && (self.chars[self.at - 1].is_alphanumeric() || self.chars[self.at - 1] == '_')
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ if self.at >= self.chars.len() => return,
                _ => {
                    self.blank(1);
                    continue;
                }
            }
            self.blank(2);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self, literals: bool) {
        self.keep(1);
        while self.at < self.chars.len() {
            match self.peek(0) {
                '"' => return self.keep(1),
                '\\' => self.contents(2, literals),
                _ => self.contents(1, literals),
            }
        }
    }

    /// At the `r` of `r"…"` or `r#"…"#`; `r#name` is an identifier.
    fn raw_string(&mut self, literals: bool) {
        let hashes = self.chars[self.at + 1..].iter().take_while(|c| **c == '#').count();
        if self.peek(1 + hashes) != '"' {
            return self.keep(1 + hashes);
        }
        self.keep(2 + hashes);
        while self.at < self.chars.len() {
            if self.peek(0) == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == '#') {
                return self.keep(1 + hashes);
            }
            self.contents(1, literals);
        }
    }

    /// A character, or a lifetime.
    fn quote(&mut self, literals: bool) {
        let length = match (self.peek(1), self.peek(2)) {
            ('\\', _) => {
                let after = self.chars.iter().skip(self.at + 3);
                after.take_while(|c| **c != '\n').position(|c| *c == '\'').map(|more| more + 2)
            }
            (_, '\'') => Some(1),
            _ => None,
        };
        self.keep(1);
        if let Some(length) = length {
            self.contents(length, literals);
            self.keep(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_become_spaces() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("x\"y", b"z") // "#, r#"f("    ", b" ")    "#),
            ("r\"a\\\" + r#\"b\"c\"# r#fn", "r\"  \" + r#\"   \"# r#fn"),
            (
                r"'a' '\'' '\\' '\u{1F}' &'a str 'x: loop",
                r"' ' '  ' '  ' '      ' &'a str 'x: loop",
            ),
            ("bar\"x\" br#\"y\"#", "bar\" \" br#\" \"#"),
        ];
        for (text, stripped) in cases {
            assert_eq!(strip(text, true), stripped, "{text}");
        }
    }

    #[test]
    fn literals_can_stay() {
        assert_eq!(
            strip("cfg(feature = \"mio\") // \"x\"", false),
            "cfg(feature = \"mio\")       "
        );
    }

    #[test]
    fn unfinished_text_ends() {
        for text in ["/* a", "\"a", "r#\"a", "'", "'\\", "\"\\"] {
            assert_eq!(strip(text, true).chars().count(), text.chars().count(), "{text}");
        }
    }
}
