//! Words that every layer shares: ids, columns, tasks, event time.

mod column;

mod ids;

mod id_hash;

mod nearest;

mod time;

pub use column::{ColumnId, ColumnKind, Task};
pub use id_hash::{IdHash, IdHasher, IdKey};
pub use ids::{IdError, ModelId, Segment, Version};
pub use nearest::nearest;
pub use time::{Pane, PaneLength, TimeRange, Timestamp, TimestampError};
