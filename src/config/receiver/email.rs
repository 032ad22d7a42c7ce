//! Mail.

use figment::value::Value;
use lettre::message::Mailbox;

use crate::config::document::quote;
use crate::config::setting::Setting;
use crate::config::table::Table;
use crate::notify::{Email, EmailOptions, SmtpLogin, SmtpSecurity, SmtpServer};

/// Addresses of one receiver.
const TO_MAX: usize = 50;

const SECURITIES: [(&str, SmtpSecurity); 3] =
    [("tls", SmtpSecurity::Tls), ("starttls", SmtpSecurity::StartTls), ("none", SmtpSecurity::None)];

pub(super) fn read(table: &Table<'_>) -> Option<Email> {
    let host = table.optional_if::<String>("host", |host| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
        match host.bytes().all(fits) {
            true => Ok(()),
            false => Err("is no host's name; the port stands in `port`".to_owned()),
        }
    });
    let security = table.choice("security", "kind of security", SmtpSecurity::StartTls, &SECURITIES);
    let port = table.read_within("port", usual_port(security), 1..=65_535);
    let user = table.optional::<String>("user");
    let password = table.secret("password", 1);
    let from = table.optional::<Address>("from");
    let to = table.optional_if::<Vec<Address>>("to", |to| match to.len() {
        0 => Err("is empty; name those who are told".to_owned()),
        1..=TO_MAX => Ok(()),
        count => Err(format!("has {count}; at most {TO_MAX}")),
    });
    for key in ["host", "from", "to"].into_iter().filter(|key| !table.has(key)) {
        table.error(key, "is missing; mail needs host, from and to");
    }
    let password_given = table.has("password") || table.has("password_file");
    if user.is_some() != password_given && table.is_sound() {
        table.error("user", "goes with a password; give both user and password_file, or neither");
    }
    if password_given && security == SmtpSecurity::None {
        table.error("security", "would send the password in clear; take \"starttls\" or \"tls\"");
    }
    let login = user.zip(password).map(|(user, password)| SmtpLogin { user, password });
    let port = u16::try_from(port).expect("the range is that of ports");
    let server = SmtpServer { host: host?, port, security, login };
    let to = to?.into_iter().map(|address| address.0).collect();
    Some(Email::new(EmailOptions { server, from: from?.0, to }))
}

const fn usual_port(security: SmtpSecurity) -> u64 {
    match security {
        SmtpSecurity::Tls => 465,
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::None => 25,
    }
}

/// `oncall@example.org`, or `On call <oncall@example.org>`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Address(Mailbox);

impl Setting for Address {
    fn read(value: &Value) -> Result<Self, String> {
        let mailbox = value.as_str().and_then(|text| text.parse().ok());
        mailbox
            .map(Self)
            .ok_or_else(|| "is no mail address; write it as \"On call <oncall@example.org>\"".to_owned())
    }

    fn to_toml(&self) -> String {
        quote(&self.0.to_string())
    }
}
