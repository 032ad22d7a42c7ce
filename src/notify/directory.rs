//! Who is told, and by what way: what a reload of the config replaces as a whole.

use super::message::Installation;
use super::receiver::Receivers;
use super::send::Sender;

#[derive(Debug)]
pub struct Directory {
    pub receivers: Receivers,
    pub sender: Sender,
    pub installation: Installation,
}
