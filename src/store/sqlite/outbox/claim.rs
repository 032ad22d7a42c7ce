//! Messages are claimed, and put together where they go out for the first time.

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::turns::review_after;
use crate::domain::Timestamp;
use crate::notification::{Notification, NotificationId, ReceiverName};
use crate::store::sqlite::writer::Writer;
use crate::store::{Claim, ClaimedMessage, NotificationState, StoreError, Unreadable};
use crate::verdict::Severity;

/// Most messages of one receiver in one claim: a few, so that others have their turn.
const RECEIVER_MESSAGES_MAX: usize = 8;
/// Most notifications of one message; what is left goes out with the next.
const MESSAGE_NOTIFICATIONS_MAX: usize = 100;
/// A claim that has so many takes no further message: others wait for the writer.
const CLAIM_NOTIFICATIONS_ENOUGH: usize = 64;

/// A message as stored: to be decoded off the writer.
pub(in super::super) struct StoredMessage {
    id: i64,
    receiver: ReceiverName,
    attempts: u32,
    /// Id and body.
    notifications: Vec<(i64, String)>,
}

/// Claims what may go, one message of each receiver after the other: urgent ones first, of these the longest due.
pub(in super::super) fn claim(writer: &mut Writer, claim: &Claim) -> Result<Vec<StoredMessage>, StoreError> {
    writer.ledger.transact(|transaction| {
        let mut receivers: Vec<&ReceiverName> = claim.receivers.iter().collect();
        let (mut claimed, mut notifications) = (Vec::<StoredMessage>::new(), 0);
        for _round in 0..RECEIVER_MESSAGES_MAX {
            let mut left = Vec::new();
            for receiver in receivers {
                if claimed.len() >= claim.messages_max || notifications >= CLAIM_NOTIFICATIONS_ENOUGH {
                    return Ok(claimed);
                }
                if let Some(first) = first_ready(transaction, receiver, claim.now)? {
                    let message = take(transaction, receiver, first, claim)?;
                    notifications += message.notifications.len();
                    claimed.push(message);
                    left.push(receiver);
                }
            }
            receivers = left;
        }
        Ok(claimed)
    })
}

const URGENT_FIRST: [bool; 2] = [true, false];

/// The first row of a message that may go.
struct Ready {
    message: i64,
    grouping: String,
    sealed: bool,
    urgent: bool,
}

pub(super) const FIRST_READY: &str = "
    SELECT message, grouping, sealed FROM outbox INDEXED BY outbox_claimable
    WHERE receiver = ?1 AND turn = 1 AND urgent = ?2 AND ready_at <= ?3
    ORDER BY ready_at LIMIT 1";

fn first_ready(
    transaction: &Connection,
    receiver: &ReceiverName,
    now: Timestamp,
) -> Result<Option<Ready>, StoreError> {
    let mut statement = transaction.prepare_cached(FIRST_READY)?;
    for urgent in URGENT_FIRST {
        let found = statement.query_row((receiver.as_str(), urgent, now.micros()), |row| {
            Ok(Ready { message: row.get(0)?, grouping: row.get(1)?, sealed: row.get(2)?, urgent })
        });
        if let Some(ready) = found.optional()? {
            return Ok(Some(ready));
        }
    }
    Ok(None)
}

pub(super) const TAKE: &str = "
    UPDATE outbox INDEXED BY outbox_message SET state = ?2, ready_at = ?3
    WHERE message = ?1 AND ready_at IS NOT NULL
    RETURNING id, attempts, body";

fn take(
    transaction: &Transaction<'_>,
    receiver: &ReceiverName,
    first: Ready,
    claim: &Claim,
) -> Result<StoredMessage, StoreError> {
    let id = match first.sealed {
        true => first.message,
        false => seal(transaction, receiver, &first, claim.now)?,
    };
    let mut message =
        StoredMessage { id, receiver: receiver.clone(), attempts: 0, notifications: Vec::new() };
    // A lease that is over before it begins would be claimed again at once.
    let lease_until = claim.lease_until.micros().max(claim.now.micros() + 1);
    let mut statement = transaction.prepare_cached(TAKE)?;
    let mut rows = statement.query((id, NotificationState::Claimed.as_str(), lease_until))?;
    while let Some(row) = rows.next()? {
        message.attempts = row.get(1)?;
        message.notifications.push((row.get(0)?, row.get(2)?));
    }
    message.notifications.sort_unstable_by_key(|(id, _)| *id);
    Ok(message)
}

pub(super) const SEAL: &str = "
    UPDATE outbox SET message = ?2, sealed = 1, turn = (id = ?2), urgent = ?3 WHERE id = ?1 RETURNING incident";

/// Puts the message of a group together, for good; returns its id.
fn seal(
    transaction: &Connection,
    receiver: &ReceiverName,
    first: &Ready,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let members = members(transaction, receiver, &first.grouping, now)?;
    let message = members.iter().copied().min().unwrap_or(first.message);
    let mut seal = transaction.prepare_cached(SEAL)?;
    let mut sealed = Vec::<(i64, i64)>::with_capacity(members.len());
    for id in members {
        // Where the group has anything urgent, that was found first.
        sealed.push((seal.query_row((id, message, first.urgent), |row| row.get(0))?, id));
    }
    for (incident, id) in sealed {
        review_after(transaction, receiver.as_str(), incident, id, message)?;
    }
    Ok(message)
}

pub(super) const JOINABLE: &str = "
    SELECT id, incident FROM outbox INDEXED BY outbox_joinable
    WHERE receiver = ?1 AND grouping = ?2 AND turn = 1 AND sealed = 0 AND urgent = ?3 AND ready_at <= ?4
    ORDER BY ready_at LIMIT ?5";
pub(super) const FOLLOWING: &str = "
    SELECT id, sealed = 0 AND grouping = ?4 AND ready_at <= ?5 FROM outbox INDEXED BY outbox_order
    WHERE receiver = ?1 AND incident = ?2 AND ready_at IS NOT NULL AND id > ?3
    ORDER BY id LIMIT ?6";

/// The notifications of a group that are due and wait for none outside the message: those whose turn it is, each with
/// what follows it without a gap.
fn members(
    transaction: &Connection,
    receiver: &ReceiverName,
    grouping: &str,
    now: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let (receiver, now) = (receiver.as_str(), now.micros());
    let mut joinable = transaction.prepare_cached(JOINABLE)?;
    let mut following = transaction.prepare_cached(FOLLOWING)?;
    let mut members = Vec::new();
    for urgent in URGENT_FIRST {
        let mut firsts =
            joinable.query((receiver, grouping, urgent, now, MESSAGE_NOTIFICATIONS_MAX as i64))?;
        while let Some(row) = firsts.next()?
            && members.len() < MESSAGE_NOTIFICATIONS_MAX
        {
            let (first, incident): (i64, i64) = (row.get(0)?, row.get(1)?);
            members.push(first);
            let room = (MESSAGE_NOTIFICATIONS_MAX - members.len()) as i64;
            let mut rows = following.query((receiver, incident, first, grouping, now, room))?;
            while let Some(row) = rows.next()?
                && row.get(1)?
            {
                members.push(row.get(0)?);
            }
        }
    }
    Ok(members)
}

impl StoredMessage {
    pub(in super::super) fn decode(self) -> ClaimedMessage {
        let (mut notifications, mut unreadable) = (Vec::<Notification>::new(), Vec::new());
        for (id, body) in self.notifications {
            match serde_json::from_str(&body) {
                Ok(notification) => notifications.push(notification),
                Err(error) => unreadable
                    .push(Unreadable { id: NotificationId(id.cast_unsigned()), why: error.to_string() }),
            }
        }
        ClaimedMessage {
            id: NotificationId(self.id.cast_unsigned()),
            receiver: self.receiver,
            severity: notifications.iter().map(|n| n.severity).max().unwrap_or(Severity::Warning),
            attempts: self.attempts,
            notifications,
            unreadable,
        }
    }
}
