use callboard::{Session, TestResult, probe};

struct Course;

#[probe(role = "teacher")]
async fn of_a_type_of_its_own(session: &Session) -> TestResult<Course> {
    session.refresh().await?;
    Ok(Course)
}

fn main() {}
