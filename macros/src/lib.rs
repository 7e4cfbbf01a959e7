//! The attribute macros of callboard: `#[e2e]`, `#[sign_in]`, `#[fixture]` and `#[probe]`.
//!
//! Use them as `callboard::e2e` and so on; what they become is made of types that only
//! `callboard` has.

mod attributes;
mod call;
mod cases;
mod duration;
mod errors;
mod expand;
mod fixture;
mod function;
mod keys;
mod probe;
mod roles;
mod settings;
mod values;
mod words;

use proc_macro::TokenStream;

/// Marks an end-to-end test.
///
/// ```
/// use callboard::{Session, TestResult, e2e};
///
/// #[e2e(role = "instructor")]
/// async fn updates_own_profile(session: &Session) -> TestResult {
///     session.goto("/profile").await?;
///     assert_eq!(session.title().await?, "Profile");
///     Ok(())
/// }
/// ```
///
/// The function is `async` or not, and returns nothing or any `Result<(), E>` with `E: Debug`;
/// `TestResult` also remembers the line of the `?`.
///
/// # Arguments
///
/// What a test needs, it takes by reference: `&Session`, `&Account`, `&App`, `&Slot`, `&Mailbox`, and by `&` or `&mut` what
/// functions marked [`#[fixture]`](macro@fixture) make. Each is set up
/// before the test, in their order, and torn down after it, in reverse. When one cannot be set up, the
/// test is *errored* and not begun.
///
/// # Keys
///
/// | key | meaning |
/// | --- | --- |
/// | `role = "instructor"` | every `&Session` is signed in as this role, and every `&Account` is of it |
/// | `roles = ["program_admin", "instructor"]` | an argument's name says whose it is |
/// | `roles = ["instructor", "instructor#2"]` | two users of one role, the second one with another slot's account |
/// | `tags = ["smoke"]` | words to select tests by |
/// | `timeout = "90s"` | how long the test may take: `ms`, `s`, `m`, `h`, also together, `"1m30s"` |
/// | `retries = 1` | how often it is tried again when it did not pass |
/// | `exclusive` | nothing else runs meanwhile |
/// | `group = "mail"` | of the tests of a group, one runs at a time |
/// | `slot = 3` | it runs only in this slot |
/// | `fixme = "why"` | it is expected to fail: failing is passing, and passing is failing |
/// | `skip_if = condition` | while this `bool` expression is true, it is not executed; the reason is the expression's text |
/// | `skip_if = (condition, "why")` | the same, with a reason in words |
/// | `allow_console = ["^GET .*/api/slow"]` | errors on its pages that match one of these regular expressions are none |
///
/// Without `role` and `roles` a `&Session` is anonymous, and with them one that is named `anonymous`. With `roles`, a `-` of a role is a `_` in the
/// argument's name, and an account may be named `instructor_account` beside a session `instructor`:
///
/// ```
/// use callboard::{Account, Session, TestResult, e2e};
///
/// #[e2e(roles = ["program-admin", "instructor"], tags = ["smoke"], timeout = "90s", retries = 1)]
/// async fn assigns_a_section(
///     program_admin: &Session,
///     instructor: &Session,
///     instructor_account: &Account,
/// ) -> TestResult {
///     program_admin.goto("/sections/1").await?;
///     assert!(program_admin.source().await?.contains(instructor_account.username()));
///     instructor.goto("/sections/1").await?;
///     Ok(())
/// }
/// ```
///
/// A second user of a role is `instructor#2`, and its argument `instructor_2`: the account is that of another slot, which
/// nobody else uses meanwhile. A third one is `instructor#3`; all with one number are of one slot.
///
/// ```
/// use callboard::{Account, Session, TestResult, e2e};
///
/// #[e2e(roles = ["instructor", "instructor#2"])]
/// async fn hands_a_course_over(
///     instructor: &Session,
///     instructor_2: &Session,
///     instructor_2_account: &Account,
/// ) -> TestResult {
///     instructor.goto("/courses/1").await?;
///     assert!(!instructor.source().await?.contains(instructor_2_account.username()));
///     instructor_2.goto("/courses").await?;
///     Ok(())
/// }
/// ```
///
/// # Cases
///
/// With `#[case(...)]` below this attribute, each such row is a test of its own, here `lists::draft` and `lists::case_2`. Its
/// values go to the arguments that are marked `#[case]`, and it may have a role of its own before them:
///
/// ```
/// use callboard::{Session, TestResult, e2e};
///
/// #[e2e(role = "instructor")]
/// #[case::draft("draft", 3)]
/// #[case(role = "site_admin", "all", 7)]
/// async fn lists(session: &Session, #[case] state: &str, #[case] count: usize) -> TestResult {
///     session.goto(format!("/courses?state={state}")).await?;
///     assert_eq!(session.title().await?, format!("{count} courses"));
///     Ok(())
/// }
/// ```
///
/// # Other attributes
///
/// `#[ignore]`, `#[should_panic]`, `#[cfg]`, `#[cfg_attr]` and documentation mean what they mean on a
/// `#[test]`. Every other attribute stays on the function.
///
/// ```
/// use callboard::{App, e2e};
///
/// /// A link to a page that the next release removes.
/// #[e2e(exclusive, group = "legacy")]
/// #[ignore = "until the page is back"]
/// #[should_panic(expected = "no such page")]
/// fn keeps_the_old_page(app: &App) {
///     panic!("no such page: {}", app.url("/old"));
/// }
/// ```
///
/// # What it becomes
///
/// The function as it is, registered with the harness, and a `#[test]` function of the same name. The
/// latter exists only under the standard harness, where it runs the test by itself, and for editors,
/// which offer to run it. A test with rows has a module of its name with a `#[test]` function for each. So a test cannot be called by its name; what several tests do is a function
/// without the attribute.
#[proc_macro_attribute]
pub fn e2e(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::e2e(arguments.into(), &item.into()).into()
}

/// Marks the function that signs an account in.
///
/// ```
/// use callboard::thirtyfour::By;
/// use callboard::{Account, Session, TestResult, sign_in};
///
/// #[sign_in]
/// async fn by_the_form(session: &Session, account: &Account) -> TestResult {
///     session.goto("/sign-in").await?;
///     session.find(By::Name("username")).await?.send_keys(account.username()).await?;
///     session.find(By::Name("password")).await?.send_keys(account.password()).await?;
///     session.find(By::Css("button[type=submit]")).await?.click().await?;
///     Ok(())
/// }
/// ```
///
/// It is called once for each slot and role that a test asks for; its `&Session` is the anonymous one
/// to sign in, and its `&Account` the account to sign in with. It can take `&App` and `&Slot` as well.
///
/// `#[sign_in(role = "site_admin")]` is for this role alone, and goes before one without a role.
/// `#[sign_in(timeout = "90s")]` sets how long it may take, instead of the configuration's `tests.sign_in_timeout`. Unlike a
/// test, the function can be called by its name.
#[proc_macro_attribute]
pub fn sign_in(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::sign_in(arguments.into(), &item.into()).into()
}

/// Marks a function that makes a fixture: a value that tests, and other fixtures, take as an argument of its type.
///
/// ```
/// use callboard::{App, Session, TestResult, e2e, fixture};
///
/// struct Course {
///     title: String,
/// }
///
/// /// A course of the test's own.
/// #[fixture(tear_down = remove_course)]
/// async fn course(session: &Session) -> TestResult<Course> {
///     session.goto("/courses/new").await?;
///     Ok(Course { title: "Logic".to_owned() })
/// }
///
/// async fn remove_course(course: &mut Course) -> TestResult {
///     println!("removing {}", course.title);
///     Ok(())
/// }
///
/// #[e2e(role = "instructor")]
/// async fn renames_a_course(session: &Session, course: &mut Course) -> TestResult {
///     course.title.push_str(" II");
///     assert!(session.source().await?.contains(&course.title));
///     Ok(())
/// }
/// ```
///
/// The function is `async` or not, and returns the value, or a `Result` of it. It takes fixtures as a test does; the
/// `session` above is the one that the test itself has. It is set up when the first asks for it, once for each test,
/// and torn down after the test, in reverse order. There is one fixture of each type.
///
/// # Keys
///
/// | key | meaning |
/// | --- | --- |
/// | `scope = "slot"` | it lives as long as the slot's worker, through all tests there, and ends before the slot's services |
/// | `tear_down = remove_course` | an `async` function that takes it by `&` or `&mut` and ends what it began |
/// | `timeout = "90s"` | how long its set-up may take, that of other fixtures not counted; default: `tests.fixture_timeout` |
/// | `role = "site_admin"` | every `&Session` and `&Account` here is of this role, whatever role the test has; the test then needs an account of it as well |
/// | `roles = [...]` | the same with several: an argument's name says whose it is |
///
/// Without `role` and `roles`, sessions and accounts are those of whoever asks: of the role of the test's `role`, or of the one
/// that the argument's name says in a test with `roles`.
///
/// A set-up that fails makes the test *errored*; the message says which fixture it was and who asked for it.
#[proc_macro_attribute]
pub fn fixture(arguments: TokenStream, item: TokenStream) -> TokenStream {
    fixture::fixture(arguments.into(), &item.into()).into()
}

/// Marks a function that says what an account must see, for an audit: the accounts of a role are compared by it.
///
/// ```
/// use callboard::{Session, TestResult, probe};
///
/// #[probe(role = "program_admin")]
/// async fn programs(session: &Session) -> TestResult<Vec<String>> {
///     session.goto("/programs").await?;
///     Ok(session.locator("#programs td.name").all_texts().await?)
/// }
/// ```
///
/// `--audit` (`cargo xtask e2e audit`) calls it once in each slot, and lists where what it returns is not the same. The
/// function is `async` or not, and takes fixtures as a test does. Nothing else runs in its slot meanwhile.
///
/// It returns a `Vec<String>`, a `String`, a number, a `bool`, an `Option` of these, or several under names:
/// [`Findings`](../callboard/struct.Findings.html); or a `Result` of it whose error is `Debug`. One that returns nothing only has to come to its end. Lists are
/// compared without their order. Texts may have the number, the username and the address of their slot in them: where these are
/// all that differs, nothing differs.
///
/// # Keys
///
/// | key | meaning |
/// | --- | --- |
/// | `role = "instructor"` | whose accounts it looks at; every `&Session` and `&Account` is of this role |
/// | `roles = ["program_admin", "instructor"]` | the same for each of these roles, one after the other |
/// | `timeout = "90s"` | how long it may take; default: `tests.timeout` |
/// | `allow_console = ["^GET .*/api/slow"]` | errors on its pages that match one of these regular expressions are none |
#[proc_macro_attribute]
pub fn probe(arguments: TokenStream, item: TokenStream) -> TokenStream {
    probe::probe(arguments.into(), &item.into()).into()
}
