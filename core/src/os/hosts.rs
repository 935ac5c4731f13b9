//! Names that a machine knows by itself.

use std::fs::File;
use std::io::Read;

/// The list of those; of a longer one only so much is looked at.
const LIST: &str = "/etc/hosts";
const LENGTH_MAX: u64 = 1 << 20;

/// Will the resolver answer this name, or address, without asking a server? As it is set up as a rule: what it says itself
/// is the answer, this is only a guess at how long it takes.
pub(crate) fn is_known_here(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let under = name.rsplit('.').next().unwrap_or(name);
    if under.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let mut list = Vec::new();
    let read = File::open(LIST).and_then(|file| file.take(LENGTH_MAX).read_to_end(&mut list));
    read.is_ok() && lists(&list, name.as_bytes())
}

fn lists(list: &[u8], name: &[u8]) -> bool {
    list.split(|byte| *byte == b'\n').any(|line| {
        let line = line.split(|byte| *byte == b'#').next().unwrap_or(line);
        line.split(u8::is_ascii_whitespace).any(|word| word.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_list() {
        let list = b"127.0.0.1\tlocalhost\n10.0.0.7 alpha Beta.example # gamma\r\n#10.0.0.8 delta\n::1 six";
        for name in ["localhost", "10.0.0.7", "ALPHA", "beta.example", "six", "::1"] {
            assert!(lists(list, name.as_bytes()), "{name}");
        }
        for name in ["gamma", "delta", "alph", "#", "beta"] {
            assert!(!lists(list, name.as_bytes()), "{name}");
        }
        assert!(is_known_here("localhost.") && is_known_here("a.LOCALHOST"));
        assert!(!is_known_here("localhost.invalid"));
    }
}
