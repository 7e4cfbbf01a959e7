//! Whatever bytes: no panic, the same result in whatever pieces they come, and no memory beyond the bounds.
//!
//! A million inputs: `CALLBOARD_FUZZ=1000000 cargo test -p callboard --features mail --lib mail::tests::fuzz`.

use proptest::prelude::*;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::dialogue::{Heard, hear, terms};
use crate::mail::content::{self, Content};
use crate::mail::links;
use crate::mail::protocol::Terms;

/// What real clients say.
const SEEDS: [&str; 6] = [
    "EHLO [127.0.0.1]\r\nAUTH PLAIN AGFwcABzZWNyZXQ=\r\nMAIL FROM:<app@x.test> BODY=8BITMIME SIZE=300 SMTPUTF8\r\n\
     RCPT TO:<ida@x.test> NOTIFY=NEVER\r\nRCPT TO:<no@x>\r\nDATA\r\nSubject: =?utf-8?Q?Hi_=C3=BC?=\r\n\r\n..dot\r\n.\r\nQUIT\r\n",
    "EHLO me\r\nAUTH LOGIN\r\nYXBw\r\nc2VjcmV0\r\nMAIL FROM:<>\r\nRCPT TO:<\"a b\"@x.test>\r\nDATA\r\n.\r\nRSET\r\nNOOP x\r\nQUIT\r\n",
    "HELO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<@r,@s:b@x>\r\nDATA\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n\r\n\
     --b\r\nContent-Type: text/html; charset=iso-8859-1\r\n\r\n<a href=\"http://x/?a&amp;b\">v</a>\r\n--b--\r\n.\r\n",
    "EHLO me\r\nSTARTTLS\r\nEHLO me\r\nVRFY a\r\nEXPN a\r\nHELP MAIL\r\nBDAT 10 LAST\r\nETRN x\r\nATRN a,b\r\nBURL imap://x LAST\r\nLHLO x\r\n",
    "EHLO me\r\nMAIL FROM:<a@x> AUTH=e+3Dmc2@x RET=HDRS ENVID=QQ+2B BY=120;R MT-PRIORITY=3 HOLDFOR=10 SOLICIT=a:b MTRK=x:9\r\n\
     RCPT TO:<b@x> ORCPT=rfc822;b+40x RRVS=2014-04-03T23:01:00Z;C\r\nDATA\r\nx\r\n.\r\n",
    "AUTH PLAIN\r\n*\r\nAUTH CRAM-MD5\r\nAUTH PLAIN =\r\nMAIL FROM:<a@x> SIZE=99999999999999999999\r\n\r\n \r\nRCPT\r\nDATA DATA\r\nQUIT now\r\n",
];
/// Among which the mutations find what matters.
const PIECES: [&[u8]; 16] = [
    b"\r\n",
    b"\n",
    b"\r",
    b".",
    b"\r\n.\r\n",
    b"\0",
    b"\xff\xfe",
    b"<",
    b">",
    b"@",
    b"\"",
    b"\\",
    b" ",
    b"=",
    b"+",
    b"18446744073709551616",
];

/// Never the same twice, and always the same in the next run.
struct Fuzzer {
    random: Pcg64Mcg,
}

impl Fuzzer {
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.random.next_u64() % bound).unwrap_or(0)
    }

    fn input(&mut self) -> Vec<u8> {
        let mut input = SEEDS[self.below(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=self.below(6) {
            let (at, end) = (self.below(input.len() + 1), self.below(input.len() + 1));
            let (at, end) = (at.min(end), at.max(end));
            match self.below(7) {
                0 if at < input.len() => input[at] ^= 1 << self.below(8),
                1 => drop(input.drain(at..end.min(at + 20))),
                2 => {
                    let piece = PIECES[self.below(PIECES.len())];
                    drop(input.splice(at..at, piece.iter().copied()));
                }
                3 => {
                    let copy = input[at..end].to_vec();
                    let to = self.below(input.len() + 1);
                    drop(input.splice(to..to, copy));
                }
                4 => {
                    let other = SEEDS[self.below(SEEDS.len())].as_bytes();
                    let from = self.below(other.len());
                    drop(input.splice(at..end, other[from..].iter().copied()));
                }
                5 => {
                    let byte = u8::try_from(self.below(256)).unwrap_or(0);
                    let times = self.below(3) * self.below(15_000);
                    drop(input.splice(at..at, std::iter::repeat_n(byte, times)));
                }
                _ => input.truncate(end),
            }
        }
        input
    }
}

fn check(heard: &Heard, input: &[u8]) {
    let Terms { max_message_size, max_recipients, .. } = terms();
    let shown = || input.escape_ascii().to_string();
    assert!(heard.most_held <= 2 * max_message_size, "{} bytes held: {}", heard.most_held, shown());
    // No reply is so long that a short command could fill the memory.
    assert!(
        heard.replies.len() <= 500 + 200 * input.len(),
        "{} bytes of replies: {}",
        heard.replies.len(),
        shown()
    );
    for line in heard.replies.split_inclusive(|&byte| byte == b'\n') {
        let is_reply = line.ends_with(b"\r\n") && line.len() > 4 && line[..3].iter().all(u8::is_ascii_digit);
        assert!(is_reply || line == b"<TLS>\r\n", "{}: {}", line.escape_ascii(), shown());
    }
    for (envelope, raw) in &heard.messages {
        assert!(
            raw.len() <= max_message_size && (1..=max_recipients).contains(&envelope.to.len()),
            "{}",
            shown()
        );
        let content = Content::of(raw);
        content::bodies(raw);
        content::senders(raw);
        content::subject(raw);
        links::all(content.html.as_deref(), &content.text);
    }
}

#[test]
fn mutated_dialogues() {
    let inputs = std::env::var("CALLBOARD_FUZZ").map_or(20_000, |count| count.parse().expect("a number"));
    let mut fuzzer = Fuzzer { random: Pcg64Mcg::seed_from_u64(3) };
    let mut delivered = 0;
    for number in 0..inputs {
        let input = fuzzer.input();
        let terms = Terms { tls: number % 2 == 0, ..terms() };
        let heard = hear(terms, [&input[..]]);
        check(&heard, &input);
        delivered += heard.messages.len();
    }
    // Otherwise it was all refused at the door.
    assert!(delivered > inputs / 10, "{delivered} messages of {inputs} inputs");
}

proptest! {
    #[test]
    fn pieces_make_no_difference(seed: u64, cuts in proptest::collection::vec(1usize..40, 0..60)) {
        let mut fuzzer = Fuzzer { random: Pcg64Mcg::seed_from_u64(seed) };
        let input = fuzzer.input();
        let whole = hear(terms(), [&input[..]]);
        let mut pieces = Vec::new();
        let mut rest = &input[..];
        for cut in cuts.into_iter().cycle().chain(std::iter::repeat(7)) {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        let heard = hear(terms(), pieces);
        prop_assert_eq!(heard.replies.escape_ascii().to_string(), whole.replies.escape_ascii().to_string());
        prop_assert_eq!((heard.messages, heard.closed), (whole.messages, whole.closed));
    }

    #[test]
    fn any_bytes(bytes: Vec<u8>) {
        check(&hear(terms(), [&bytes[..]]), &bytes);
        Content::of(&bytes);
        links::all(Some(&String::from_utf8_lossy(&bytes)), &String::from_utf8_lossy(&bytes));
    }
}
