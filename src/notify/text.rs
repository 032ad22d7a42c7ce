//! Names and notes come from the outside: what of them could be read as something else is taken away here.

/// Text on one line, at most `characters_max` of them: control characters and those that turn the direction of
/// writing become spaces.
pub(super) fn line(text: &str, characters_max: usize) -> String {
    let clean = |c: char| if c.is_control() || turns_writing(c) { ' ' } else { c };
    let mut characters = text.trim().chars();
    let mut line: String = characters.by_ref().take(characters_max).map(clean).collect();
    if characters.next().is_some() {
        line.pop();
        line.push('…');
    }
    line
}

/// Bidirectional controls and separators of lines (Unicode 16, UAX #9): they make a name look like another one.
const fn turns_writing(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Slack's own three characters: without them no link, no mention and no entity can be made.
pub(super) fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// What a server answered, for an error: one short line.
pub(super) fn excerpt(said: &str) -> String {
    const EXCERPT_CHARACTERS: usize = 200;
    line(said, EXCERPT_CHARACTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_and_ends() {
        assert_eq!(line("a\r\nBcc: b\u{202e}c\u{7}", 100), "a  Bcc: b c ");
        assert_eq!(line("ééééé", 5), "ééééé");
        assert_eq!(line("éééééé", 5), "éééé…");
    }

    #[test]
    fn nobody_is_mentioned_by_a_name() {
        assert_eq!(slack("<!channel> & <http://a|b>"), "&lt;!channel&gt; &amp; &lt;http://a|b&gt;");
    }
}
