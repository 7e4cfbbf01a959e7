//! Lines at the end of the terminal that are drawn again and again, below what is printed for good.

use std::io;

use console::{Term, measure_text_width};

use super::view::Size;

/// Begins and ends a drawing that a terminal shows in one go, if it knows how to.
const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";
/// Clears the line with the cursor; goes up by one and clears that. To clear the rest of the screen at once would put it into the
/// history of some terminals, where it begins at the top.
const CLEAR: &str = "\r\u{1b}[2K";
const CLEAR_ABOVE: &str = "\u{1b}[A\u{1b}[2K";

/// What was drawn last. The cursor is on the line below it, and always shown: whoever is killed leaves a terminal that can
/// be used.
pub(super) struct Canvas {
    term: Term,
    /// How wide each line is.
    drawn: Vec<usize>,
}

impl Canvas {
    /// On the standard output; nothing where that cannot move a cursor.
    pub(super) fn new() -> Option<Self> {
        let term = Term::stdout();
        // On Windows the question switches it on.
        let can_move = !cfg!(windows) || term.features().colors_supported();
        (term.is_term() && can_move).then_some(Self { term, drawn: Vec::new() })
    }

    /// How large the terminal is at this moment.
    pub(super) fn size(&self) -> Size {
        let (lines, columns) = self.term.size();
        Size { columns: columns.into(), lines: lines.into() }
    }

    /// Draws these lines in the place of the last ones, and prints a text above them for good, which ends
    /// with a whole line.
    pub(super) fn draw(&mut self, above: &str, lines: &[String]) -> io::Result<()> {
        let mut text = format!("{BEGIN}{}{above}", self.back());
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str(END);
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
        self.term.write_str(&text)?;
        self.term.flush()
    }

    /// To the first line that was drawn, which takes them all away. A terminal that has become narrower since has broken lines.
    fn back(&self) -> String {
        let columns = self.size().columns.max(1);
        let rows: usize = self.drawn.iter().map(|width| width.div_ceil(columns).max(1)).sum();
        if rows == 0 { String::new() } else { format!("{CLEAR}{}", CLEAR_ABOVE.repeat(rows)) }
    }
}
