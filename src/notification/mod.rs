//! Who is told of an incident, when, and what: routes, silences, quiet hours, grouping, retries. Pure.
//!
//! [`plan`] turns one line of an incident's timeline into notifications, one a receiver, which the caller makes durable
//! with the incident itself. Sending them is another layer's work.
//!
//! Invariants: a receiver is told of one line once, whatever routes name it; the end of an incident is told to those
//! who were told of its beginning; news that a silence holds back are told when it ends, if the incident is still there.

mod receiver_name;

mod matcher;

mod quiet_hours;

mod silence;

mod route;

mod announcement;

mod outgoing;

mod schedule;

mod flushes;

mod planning;

mod desk;

pub use announcement::{Announcement, Links, title_of};
pub use desk::{Desk, DeskRules, Draft, Numbers, Remembered};
pub use matcher::{Matcher, ModelPattern, ModelPatternError};
pub use outgoing::{Notification, NotificationId, NotificationIdError};
pub use quiet_hours::{Day, QuietHours};
pub use receiver_name::{ReceiverName, ReceiverNameError};
pub use route::{GroupLabel, Grouping, Route, Routing};
pub use schedule::{ATTEMPTS_MAX, retry_delay};
pub use silence::{Silence, SilenceId, SilenceIdError};
