//! Messages are claimed, and put together where they go out for the first time.

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::domain::Timestamp;
use crate::notification::{Notification, NotificationId, ReceiverName};
use crate::store::sqlite::writer::Writer;
use crate::store::{Claim, ClaimedMessage, NotificationState, StoreError};
use crate::verdict::Severity;

/// Most messages of one receiver in one claim: a few, so that others have their turn.
const RECEIVER_MESSAGES_MAX: usize = 8;
/// Most notifications of one message; what is left goes out with the next.
const MESSAGE_NOTIFICATIONS_MAX: usize = 100;

/// A message as stored: to be decoded off the writer.
pub(in super::super) struct StoredMessage {
    id: i64,
    receiver: ReceiverName,
    attempts: u32,
    /// Id and body.
    notifications: Vec<(i64, String)>,
}

/// Claims what may go, one message of each receiver after the other, the longest due first.
pub(in super::super) fn claim(writer: &mut Writer, claim: &Claim) -> Result<Vec<StoredMessage>, StoreError> {
    writer.ledger.transact(|transaction| {
        let mut receivers: Vec<&ReceiverName> = claim.receivers.iter().collect();
        let mut claimed = Vec::new();
        for _round in 0..RECEIVER_MESSAGES_MAX {
            let mut left = Vec::new();
            for receiver in receivers {
                if claimed.len() >= claim.messages_max {
                    return Ok(claimed);
                }
                if let Some(first) = first_ready(transaction, receiver, claim.now)? {
                    claimed.push(take(transaction, receiver, first, claim)?);
                    left.push(receiver);
                }
            }
            receivers = left;
        }
        Ok(claimed)
    })
}

/// The first row of a message that may go.
struct Ready {
    message: i64,
    grouping: String,
    sealed: bool,
}

pub(super) const FIRST_READY: &str = "
    SELECT message, grouping, sealed FROM outbox INDEXED BY outbox_claimable
    WHERE receiver = ?1 AND turn = 1 AND ready_at <= ?2
    ORDER BY ready_at LIMIT 1";

fn first_ready(
    transaction: &Connection,
    receiver: &ReceiverName,
    now: Timestamp,
) -> Result<Option<Ready>, StoreError> {
    let found =
        transaction.prepare_cached(FIRST_READY)?.query_row((receiver.as_str(), now.micros()), |row| {
            Ok(Ready { message: row.get(0)?, grouping: row.get(1)?, sealed: row.get(2)? })
        });
    Ok(found.optional()?)
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

pub(super) const SEAL: &str = "UPDATE outbox SET message = ?2, sealed = 1, turn = (id = ?2) WHERE id = ?1";

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
    for id in members {
        seal.execute((id, message))?;
    }
    Ok(message)
}

pub(super) const JOINABLE: &str = "
    SELECT id, incident FROM outbox INDEXED BY outbox_joinable
    WHERE receiver = ?1 AND grouping = ?2 AND turn = 1 AND sealed = 0 AND ready_at <= ?3
    ORDER BY ready_at LIMIT ?4";
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
    let mut firsts = joinable.query((receiver, grouping, now, MESSAGE_NOTIFICATIONS_MAX as i64))?;
    let mut following = transaction.prepare_cached(FOLLOWING)?;
    let mut members = Vec::new();
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
    Ok(members)
}

impl StoredMessage {
    pub(in super::super) fn decode(self) -> Result<ClaimedMessage, StoreError> {
        let decode = |(_, body): &(i64, String)| {
            serde_json::from_str(body)
                .map_err(|error| StoreError::Corrupt(format!("a notification: {error}")))
        };
        let notifications: Vec<Notification> =
            self.notifications.iter().map(decode).collect::<Result<_, _>>()?;
        Ok(ClaimedMessage {
            id: NotificationId(self.id.cast_unsigned()),
            receiver: self.receiver,
            severity: notifications.iter().map(|n| n.severity).max().unwrap_or(Severity::Warning),
            attempts: self.attempts,
            notifications,
        })
    }
}
