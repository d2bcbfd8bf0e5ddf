//! The sends of a request block that an expectation is about.

use std::fmt;

/// The sends of a block that an expectation is about; its text form precedes the expectation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExpectedSend {
    /// Nothing is written: the first.
    #[default]
    First,
    /// `2`: the send with this number, from 1.
    Number(u32),
    /// `*`: every send.
    Every,
}

impl ExpectedSend {
    /// Parses the sends at the start of an expectation, and returns them with the text after them.
    #[must_use]
    pub fn parse_prefix(text: &str) -> (ExpectedSend, &str) {
        let Some((word, rest)) = text.split_once([' ', '\t']) else {
            return (ExpectedSend::First, text);
        };
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && !word.starts_with('0');
        let send = match word {
            "*" => Some(ExpectedSend::Every),
            number => {
                let number = number.parse().ok().filter(|_| is_number);
                number.map(ExpectedSend::Number)
            }
        };
        match send {
            Some(send) => (send, rest.trim_start_matches([' ', '\t'])),
            None => (ExpectedSend::First, text),
        }
    }

    /// Returns whether the `number`-th send, from 1, is one of them.
    #[must_use]
    pub fn includes(self, number: u32) -> bool {
        match self {
            ExpectedSend::First => number == 1,
            ExpectedSend::Number(expected) => number == expected,
            ExpectedSend::Every => true,
        }
    }
}

impl fmt::Display for ExpectedSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpectedSend::First => Ok(()),
            ExpectedSend::Number(number) => number.fmt(f),
            ExpectedSend::Every => f.write_str("*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_or_star_before_an_expectation_selects_sends() {
        let status = "status == 409";
        for (text, send, rest) in [
            (status, ExpectedSend::First, status),
            ("2 status == 409", ExpectedSend::Number(2), status),
            ("*\t status == 409", ExpectedSend::Every, status),
            ("0 status", ExpectedSend::First, "0 status"),
            ("02 status", ExpectedSend::First, "02 status"),
            ("+2 status", ExpectedSend::First, "+2 status"),
            ("99999999999 a", ExpectedSend::First, "99999999999 a"),
            ("2", ExpectedSend::First, "2"),
        ] {
            assert_eq!(ExpectedSend::parse_prefix(text), (send, rest), "{text}");
        }
    }

    #[test]
    fn expectation_without_a_number_is_about_the_first_send() {
        let includes = |send: ExpectedSend| [1, 2, 3].map(|number| send.includes(number));
        assert_eq!(includes(ExpectedSend::First), [true, false, false]);
        assert_eq!(includes(ExpectedSend::Number(2)), [false, true, false]);
        assert_eq!(includes(ExpectedSend::Every), [true, true, true]);
    }
}
