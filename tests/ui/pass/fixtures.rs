//! Every form of a fixture.

use std::time::Duration;

use callboard::{Account, App, Context, Description, Fixture, Scope, Session, Slot, TestError, TestResult, e2e, fixture};

mod course {
    use callboard::{Slot, TestResult, fixture};

    pub(crate) struct Course {
        pub(crate) title: String,
    }

    impl Course {
        pub(crate) async fn end(&mut self) -> TestResult {
            self.title.clear();
            Ok(())
        }
    }

    /// The function may be called by its name as well.
    #[fixture(tear_down = Course::end)]
    pub(crate) async fn course(slot: &Slot) -> TestResult<Course> {
        Ok(Course { title: format!("Logic {}", slot.id()) })
    }
}

use course::Course;

struct Enrolment<T>(T);

#[fixture(scope = "test", timeout = "1m", role = "teacher")]
async fn enrolment(session: &Session, account: &Account, course: &mut Course) -> Result<Enrolment<u8>, TestError> {
    session.goto("/enrolments").await?;
    course.title.push_str(account.username());
    Ok(Enrolment(1))
}

#[derive(Clone, Copy)]
struct Seats(usize);

#[fixture(scope = "slot")]
fn seats(app: &App, anonymous: &Session) -> Seats {
    let _ = anonymous;
    Seats(app.base_url().len())
}

#[fixture(roles = ["teacher", "head-teacher"])]
async fn meeting(teacher: &Session, head_teacher: &Session, course: &Course) -> std::io::Result<Meeting> {
    let _ = (teacher, head_teacher);
    Ok(Meeting { about: course.title.clone() })
}

struct Meeting {
    about: String,
}

struct ByHand;

impl Fixture for ByHand {
    fn describe() -> Description {
        Description::of::<Self>().scope(Scope::Slot).timeout(Duration::from_secs(5)).roles(&["teacher"])
    }

    async fn set_up(context: &Context) -> TestResult<Self> {
        let seats = *context.get::<Seats>().await?.borrow();
        let session = context.get_as::<Session>("teacher").await?;
        session.borrow().goto(context.account("teacher")?.username()).await?;
        assert!(seats.0 > 0 && context.role().is_none() && context.slot().port() > 0);
        Ok(Self)
    }
}

#[e2e(role = "student")]
async fn takes_them_all(
    session: &mut Session,
    course: &Course,
    enrolment: &mut Enrolment<u8>,
    _seats: &Seats,
    meeting: &Meeting,
    _by_hand: &ByHand,
) -> TestResult {
    enrolment.0 += 1;
    session.goto(&course.title).await?;
    assert_ne!(meeting.about, "");
    Ok(())
}

#[e2e]
fn takes_two(_slot: &Slot, course: &mut Course) {
    course.title.clear();
}

fn main() {
    let _ = (course::course, enrolment, seats, meeting);
}
