use callboard::{Session, TestResult, probe};

struct Course;

#[probe(role = "teacher")]
async fn of_a_type_of_its_own() -> Course {
    Course
}

#[probe(role = "teacher")]
async fn in_a_result(session: &Session) -> TestResult<Course> {
    session.refresh().await?;
    Ok(Course)
}

fn main() {}
