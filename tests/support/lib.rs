//! What the black-box tests are written with: stages for consumers, what a consumer's run left, processes.

mod events;
mod ports;
mod processes;
mod ran;
mod stage;

pub use events::Events;
pub use ports::Ports;
pub use processes::{marked, until};
pub use ran::{Ran, Started};
pub use stage::{Consumer, Stage};
