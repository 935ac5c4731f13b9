//! IPv4 addresses as texts, several times as fast as the standard library's machinery: programs that send datagrams name
//! an address with each.

use std::net::Ipv4Addr;

/// An IPv4 address as the standard library reads one: four decimal numbers, without zeros in front.
///
/// ```
/// use moonsocket_core::parse_dotted_quad;
/// use std::net::Ipv4Addr;
///
/// assert_eq!(parse_dotted_quad(b"127.0.0.1"), Some(Ipv4Addr::LOCALHOST));
/// assert_eq!(parse_dotted_quad(b"127.1"), None);
/// ```
pub fn parse_dotted_quad(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut rest = text;
    for (place, octet) in octets.iter_mut().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let digit = |at: usize| {
            let digit = rest.get(at)?.wrapping_sub(b'0');
            (digit < 10).then_some(u16::from(digit))
        };
        let mut value = digit(0)?;
        let mut len = 1;
        // Nothing follows a zero.
        while value != 0
            && len < 3
            && let Some(digit) = digit(len)
        {
            value = value * 10 + digit;
            len += 1;
        }
        *octet = u8::try_from(value).ok()?;
        rest = &rest[len..];
    }
    rest.is_empty().then(|| octets.into())
}

/// The text of an IPv4 address, as the standard library writes it.
///
/// ```
/// use moonsocket_core::dotted_quad;
/// use std::net::Ipv4Addr;
///
/// assert_eq!(dotted_quad(Ipv4Addr::LOCALHOST, &mut [0; 16]), b"127.0.0.1");
/// ```
pub fn dotted_quad(ip: Ipv4Addr, room: &mut [u8; 16]) -> &[u8] {
    let mut len = 0;
    for octet in ip.octets() {
        let (digits, count) = DIGITS[usize::from(octet)];
        room[len..len + 4].copy_from_slice(&digits);
        len += usize::from(count);
    }
    // Without the last point.
    &room[..len - 1]
}

/// The digits of each octet, followed by a point, and how many bytes these are.
static DIGITS: [([u8; 4], u8); 256] = {
    let mut all = [([b'.'; 4], 0); 256];
    let mut octet = 0;
    while octet < 256 {
        let (digits, len) = &mut all[octet];
        if octet >= 100 {
            digits[*len as usize] = b'0' + (octet / 100) as u8;
            *len += 1;
        }
        if octet >= 10 {
            digits[*len as usize] = b'0' + (octet / 10 % 10) as u8;
            *len += 1;
        }
        digits[*len as usize] = b'0' + (octet % 10) as u8;
        // And the point.
        *len += 2;
        octet += 1;
    }
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_directions_are_those_of_the_standard_library() {
        for octet in 0..=255 {
            for place in 0..4 {
                let mut octets = [0, 9, 10, 255];
                octets[place] = octet;
                let ip = Ipv4Addr::from(octets);
                let mut room = [0; 16];
                let text = dotted_quad(ip, &mut room);
                assert_eq!(text, ip.to_string().as_bytes());
                assert_eq!(parse_dotted_quad(text), Some(ip));
            }
        }
        for odd in [
            "",
            ".",
            "1",
            "1.2.3",
            "1.2.3.",
            ".1.2.3",
            "1..2.3",
            "1.2.3.4.",
            "1.2.3.4.5",
            "01.2.3.4",
            "00.2.3.4",
            "0.0.0.00",
            "256.1.1.1",
            "1.1.1.1000",
            "1.1.1.260",
            "+1.1.1.1",
            "1.1.1.1 ",
            "0x1.1.1.1",
            "1.1.1.\u{661}",
        ] {
            assert_eq!(odd.parse::<Ipv4Addr>().ok(), None, "{odd:?}");
            assert_eq!(parse_dotted_quad(odd.as_bytes()), None, "{odd:?}");
        }
    }
}
