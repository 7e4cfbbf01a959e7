use callboard::{App, Session, TestResult, fixture};

struct Course;
struct Room;

#[fixture]
async fn without_a_value(session: &Session) {}

#[fixture]
async fn of_nothing(session: &Session) -> TestResult {
    Ok(())
}

#[fixture]
async fn hidden() -> TestResult<impl Send> {
    Ok(1)
}

#[fixture]
fn borrowed(app: &App) -> &App {
    app
}

#[fixture(scope = "run")]
fn of_the_run() -> Course {
    Course
}

#[fixture(scopes = "slot")]
fn misspelt() -> Course {
    Course
}

#[fixture(tear_down = "remove")]
fn torn_down_by_a_string() -> Course {
    Course
}

#[fixture(roles = ["teacher"])]
fn of_which_role(session: &Session) -> Course {
    Course
}

#[fixture(scope = "slot", roles = ["teacher", "teacher#2"])]
fn of_another_slot(teacher: &Session, teacher_2: &Session) -> Course {
    Course
}

#[fixture]
#[test]
fn a_test_too() -> Room {
    Room
}

fn main() {}
