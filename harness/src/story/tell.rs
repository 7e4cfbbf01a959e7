//! From events to a story, one after the other.

use super::{
    AttachedFile, AttemptEnd, AttemptStory, DiagnosisStory, ExperimentStory, Lane, Limit, Load, Notice,
    RunEnd, RunFacts, Span, SpanKind, StepStory, Story, TestStory, TestVerdict,
};
use crate::model::{Event, PlannedTest, Record, Role, SlotId, TestId};

impl Story {
    /// Goes on with this event.
    pub(crate) fn tell(&mut self, record: Record) {
        let Record { at_us, event } = record;
        self.last_us = self.last_us.max(at_us);
        match event {
            Event::RunStarted {
                format: _,
                run,
                started,
                callboard,
                suite,
                command,
                cores,
                slots,
                base_port,
                workers,
                exact,
                accounts,
                tests: _,
                shuffle_seed,
                repeat_each,
                diagnosis,
                audit: _,
                shard,
                division,
                build,
                configuration,
            } => {
                self.run = RunFacts {
                    id: run,
                    started,
                    callboard,
                    suite,
                    command,
                    cores,
                    slots,
                    base_port,
                    workers,
                    exact,
                    accounts,
                    shuffle_seed,
                    repeat_each,
                    shard,
                    division,
                    diagnosis,
                    build,
                    configuration,
                };
            }
            Event::Planned { tests } => {
                for planned in tests {
                    self.plan(planned);
                }
            }
            Event::Notice { text } => self.notices.push(Notice { at_us, text, slot: None }),
            Event::TearDownFailed { slot, problem } => {
                self.notices.push(Notice { at_us, text: problem.message, slot: Some(slot) });
            }
            Event::WorkersLimited { limit, why, .. } => self.limits.push(Limit { at_us, limit, why }),
            Event::WorkersUsed { average, why } => self.used = Some((average, why)),
            Event::DiagnosisStarted { quick, executions, time_us, seed, only, since } => {
                let after = self.experiments.iter().filter(|one| one.end.is_some()).count();
                self.diagnoses.push(DiagnosisStory {
                    at_us,
                    after,
                    quick,
                    executions,
                    time_us,
                    seed,
                    only,
                    since,
                });
            }
            Event::ExperimentStarted { experiment, purpose, schedule } => {
                self.experiments.push(ExperimentStory {
                    number: experiment,
                    purpose,
                    schedule,
                    started_us: at_us,
                    end: None,
                });
            }
            Event::ExperimentFinished { experiment, failure, .. } => {
                let mut known = self.experiments.iter_mut().rev();
                if let Some(experiment) = known.find(|known| known.number == experiment) {
                    experiment.end = Some((at_us, failure));
                }
            }
            Event::MachineMeasured { pressure } => self.loads.push(Load { at_us, pressure }),
            Event::RunFinished { counts, took_us, interrupted, stopped_after } => {
                self.end = Some(RunEnd { counts, took_us, interrupted, stopped_after });
            }
            event => self.tell_of_slots(at_us, event),
        }
    }

    fn tell_of_slots(&mut self, at_us: u64, event: Event) {
        match event {
            Event::SlotLeased { slot, port } => {
                let lane = self.lane(slot);
                lane.port = Some(port);
                lane.leased_us = lane.leased_us.or(Some(at_us));
            }
            Event::SlotSkipped { slot, reason } => self.lane(slot).skipped = Some(reason),
            Event::ServicesStarting { slot } => {
                let span = Span { kind: SpanKind::Services, from_us: at_us, to_us: None, of: String::new() };
                self.spans(slot).push(span);
            }
            Event::ServicesReady { slot, took_us } => {
                let spans = self.spans(slot);
                let open =
                    spans.iter_mut().rfind(|span| span.kind == SpanKind::Services && span.to_us.is_none());
                match open {
                    Some(open) => open.to_us = Some(at_us),
                    None => spans.push(over(SpanKind::Services, at_us, took_us, String::new())),
                }
            }
            Event::BrowserReady { slot, took_us } => {
                self.span(slot, over(SpanKind::Browser, at_us, took_us, String::new()));
            }
            Event::BrowserRenewed { slot, took_us, .. } => {
                self.span(slot, over(SpanKind::Renewal, at_us, took_us, String::new()));
            }
            Event::SignedIn { slot, role, companion, took_us, .. } => {
                self.span(slot, over(SpanKind::SignIn, at_us, took_us, whose(Some(&role), companion)));
            }
            Event::SessionOpened { slot, role, companion, took_us } => {
                self.span(slot, over(SpanKind::Session, at_us, took_us, whose(role.as_ref(), companion)));
            }
            Event::FixtureReady { slot, fixture, took_us, .. } => {
                self.span(slot, over(SpanKind::Fixture, at_us, took_us, fixture));
            }
            Event::SlotReset { slot, after, took_us, .. } => {
                self.span(slot, over(SpanKind::Reset, at_us, took_us, after.to_string()));
            }
            event => self.tell_of_tests(at_us, event),
        }
    }

    fn tell_of_tests(&mut self, at_us: u64, event: Event) {
        match event {
            Event::AttemptStarted {
                test,
                attempt,
                slot,
                companions,
                worker,
                base_url,
                accounts,
                folder,
                experiment,
            } => {
                let story = self.attempt(&test, attempt, at_us);
                story.slot = Some(slot);
                story.companions = companions;
                story.worker = Some(worker);
                story.base_url = base_url;
                story.accounts = accounts;
                story.folder = folder;
                story.experiment = experiment;
            }
            Event::StepStarted { test, attempt, step, parent, title } => {
                let step = StepStory { id: step, parent, title, started_us: at_us, end: None };
                self.attempt(&test, attempt, at_us).steps.push(step);
            }
            Event::StepFinished { test, attempt, step, result, took_us } => {
                let steps = &mut self.attempt(&test, attempt, at_us).steps;
                if let Some(step) = steps.iter_mut().rfind(|known| known.id == step) {
                    step.end = Some((result, took_us));
                }
            }
            Event::PageProblem { test, attempt, problem } => {
                self.attempt(&test, attempt, at_us).page_problems.push(problem);
            }
            Event::Found { test, attempt, findings } => {
                self.attempt(&test, attempt, at_us).findings = Some(findings);
            }
            Event::RequestsSent { test, attempt, requests } => {
                self.attempt(&test, attempt, at_us).requests = requests;
            }
            Event::TroubleLogged { test, attempt, lines } => {
                self.attempt(&test, attempt, at_us).trouble = lines;
            }
            Event::Attached { test, attempt, name, path, media_type, step: _ } => {
                let file = AttachedFile { name, path, media_type };
                self.attempt(&test, attempt, at_us).attached.push(file);
            }
            Event::AttemptFinished { test, attempt, slot, outcome, problem, took_us } => {
                let story = self.attempt(&test, attempt, at_us);
                story.slot = story.slot.or(slot);
                story.end = Some(AttemptEnd { at_us, took_us, outcome: Some(outcome), problem });
            }
            Event::AttemptCancelled { test, attempt, took_us, .. } => {
                let end = AttemptEnd { at_us, took_us, outcome: None, problem: None };
                self.attempt(&test, attempt, at_us).end = Some(end);
            }
            Event::TestFinished { test, outcome, flaky, attempts: _, reason, fixme } => {
                let place = self.place(&test);
                self.tests[place].verdict = Some(TestVerdict { at_us, outcome, flaky, reason, fixme });
            }
            Event::Rechecked { test, trials } => {
                let place = self.place(&test);
                self.tests[place].recheck = Some(trials);
            }
            // Every other one is told above.
            _ => {}
        }
    }

    fn plan(&mut self, planned: PlannedTest) {
        let place = self.place(&planned.test);
        self.tests[place].planned = planned;
    }

    /// Where the test is; one that was never heard of comes last.
    fn place(&mut self, id: &TestId) -> usize {
        if let Some(place) = self.places.get(id) {
            return *place;
        }
        let place = self.tests.len();
        let planned = PlannedTest {
            test: id.clone(),
            repetition: None,
            prefers: None,
            location: None,
            roles: Vec::new(),
            tags: Vec::new(),
        };
        self.tests.push(TestStory {
            planned,
            attempts: Vec::new(),
            afterwards: Vec::new(),
            recheck: None,
            verdict: None,
        });
        self.places.insert(id.clone(), place);
        place
    }

    /// The attempt of this number; where its beginning was not told, it begins with what is.
    fn attempt(&mut self, test: &TestId, number: u32, at_us: u64) -> &mut AttemptStory {
        let place = self.place(test);
        let test = &mut self.tests[place];
        let is_known = test.attempts.iter().any(|attempt| attempt.number == number);
        // What is begun when there is a verdict has no part in it.
        let has_verdict = test.verdict.is_some() && !is_known;
        let attempts = if has_verdict { &mut test.afterwards } else { &mut test.attempts };
        let at = attempts.binary_search_by_key(&number, |attempt| attempt.number).unwrap_or_else(|at| {
            attempts.insert(at, AttemptStory::new(number, at_us));
            at
        });
        &mut attempts[at]
    }

    fn lane(&mut self, slot: SlotId) -> &mut Lane {
        self.lanes.entry(slot).or_default()
    }

    fn span(&mut self, slot: SlotId, span: Span) {
        self.lane(slot).spans.push(span);
    }

    fn spans(&mut self, slot: Option<SlotId>) -> &mut Vec<Span> {
        match slot {
            Some(slot) => &mut self.lane(slot).spans,
            None => &mut self.shared,
        }
    }
}

impl AttemptStory {
    pub(crate) fn new(number: u32, started_us: u64) -> Self {
        Self {
            number,
            slot: None,
            companions: Vec::new(),
            worker: None,
            base_url: String::new(),
            accounts: Vec::new(),
            folder: String::new(),
            experiment: None,
            started_us,
            end: None,
            steps: Vec::new(),
            page_problems: Vec::new(),
            findings: None,
            requests: Vec::new(),
            trouble: Vec::new(),
            attached: Vec::new(),
        }
    }
}

/// A span that ended at this moment.
fn over(kind: SpanKind, at_us: u64, took_us: u64, of: String) -> Span {
    Span { kind, from_us: at_us.saturating_sub(took_us), to_us: Some(at_us), of }
}

/// `instructor`, `instructor of slot 3`, `anonymous`
fn whose(role: Option<&Role>, companion: Option<SlotId>) -> String {
    let role = role.map_or_else(|| "anonymous".to_owned(), Role::to_string);
    companion.map_or(role.clone(), |slot| format!("{role} of slot {slot}"))
}
