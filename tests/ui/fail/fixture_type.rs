use callboard::{TestResult, fixture};

struct Course;
struct Other;

#[fixture]
fn one() -> Course {
    Course
}

#[fixture]
fn another() -> TestResult<Course> {
    Ok(Course)
}

#[fixture]
fn of_somebody_else() -> TestResult<String> {
    Ok(String::new())
}

#[fixture(tear_down = forget)]
fn torn_down_by_one_that_is_not_async() -> Other {
    Other
}

fn forget(_: &Other) {}

fn main() {}
