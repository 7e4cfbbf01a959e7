//! How a run looks to whom it is printed for.

use std::path::PathBuf;

use libtest_mimic::{ColorSetting, FormatSetting};

use super::args::{Args, Color, Format, Reporter as Asked};
use super::main::Consumer;
use crate::report::{Expect, Paint, Reporter, Sources, Style, Surroundings, Terminal};

/// What is printed for a person, and how.
pub(super) fn terminal(args: &Args, consumer: Consumer) -> Terminal {
    let surroundings = Surroundings::here();
    // Whoever reads JSON wants nothing else, and results in a file are for those who look there.
    let is_read = args.is_json() || (args.logfile.is_some() && args.reporter.is_none());
    let reporter = (!is_read).then(|| reporter(args, surroundings));
    let colors = match args.color.unwrap_or(Color::Auto) {
        Color::Auto => surroundings.colors(),
        Color::Always => true,
        Color::Never => false,
    };
    let package = PathBuf::from(consumer.manifest_dir);
    Terminal {
        reporter,
        surroundings,
        paint: Paint { colors },
        is_shared: args.no_capture || args.debug,
        fail_on_flaky: args.fail_on_flaky,
        again: consumer.again(),
        sources: Sources { package, repository: std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from) },
    }
}

fn reporter(args: &Args, surroundings: Surroundings) -> Reporter {
    match (args.reporter, args.format) {
        (Some(Asked::Line), _) => Reporter::Line,
        (Some(Asked::List), _) | (None, Some(Format::Pretty | Format::Json)) => Reporter::List,
        (Some(Asked::Dot), _) | (None, Some(Format::Terse)) => Reporter::Dot,
        (Some(Asked::Quiet), _) => Reporter::Quiet,
        // Where tests print as they run, each line says for itself what it belongs to.
        (None, None) if args.no_capture || args.debug => Reporter::List,
        (None, None) => surroundings.reporter(),
    }
}

/// How the results are printed.
pub(super) fn style(args: &Args, terminal: &Terminal) -> Style {
    let is_terse = terminal.reporter == Some(Reporter::Dot) || args.format == Some(Format::Terse);
    let format = match (args.is_json(), is_terse) {
        (true, _) => FormatSetting::Json,
        (false, true) => FormatSetting::Terse,
        (false, false) => FormatSetting::Pretty,
    };
    // In a file nobody asked for colors but who asked for them.
    let in_file = args.logfile.is_some() || terminal.reporter.is_some_and(Reporter::watches);
    let colors = terminal.paint.colors && (!in_file || args.color == Some(Color::Always));
    Style {
        format: Some(format),
        color: Some(if colors { ColorSetting::Always } else { ColorSetting::Never }),
        logfile: args.logfile.clone(),
        times: args.report_time && matches!(format, FormatSetting::Pretty),
        ignored: args.ignored,
        expect: Expect {
            fail_on_flaky: args.fail_on_flaky,
            show_output: args.show_output,
            groups: terminal.surroundings.is_github
                && terminal.reporter.is_some_and(|reporter| !reporter.watches()),
        },
    }
}
