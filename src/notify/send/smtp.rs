//! Mail goes to the checked address; the certificate is checked against the host's name.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use lettre::message::SinglePart;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use super::of_name;
use crate::domain::Timestamp;
use crate::notify::egress::Egress;
use crate::notify::outcome::Failure;
use crate::notify::receiver::{Mail, SmtpSecurity, SmtpServer};
use crate::notify::text::excerpt;

/// Tries the addresses of the server in turn, until one can be connected to.
pub(super) async fn send(mail: Mail, egress: &Egress) -> Result<(), Failure> {
    let addresses = egress.resolve(&mail.server.host).await.map_err(|error| of_name(&error))?;
    let message = written(&mail)?;
    let mut failure = Failure::Name(format!("{} has no address", mail.server.host));
    for address in addresses {
        let transport = transport(&mail.server, address, mail.from.email.domain()).map_err(failed)?;
        match transport.send(message.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) => failure = failed(error),
        }
        if !matches!(failure, Failure::Connection(_)) {
            break;
        }
    }
    Err(failure)
}

fn transport(
    server: &SmtpServer,
    address: IpAddr,
    hello: &str,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, Error> {
    let tls = match server.security {
        SmtpSecurity::Tls => Tls::Wrapper(TlsParameters::new(server.host.clone())?),
        SmtpSecurity::StartTls => Tls::Required(TlsParameters::new(server.host.clone())?),
        SmtpSecurity::None => Tls::None,
    };
    // "Dangerous" as it leaves TLS to us.
    let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.to_string())
        .port(server.port)
        .hello_name(ClientId::Domain(hello.to_owned()))
        .tls(tls);
    let builder = match &server.login {
        Some(login) => {
            let password = login.password.expose_secret().to_owned();
            builder.credentials(Credentials::new(login.user.clone(), password))
        }
        None => builder,
    };
    Ok(builder.build())
}

fn written(mail: &Mail) -> Result<Message, Failure> {
    let mut message = Message::builder()
        .from(mail.from.clone())
        .subject(&mail.subject)
        .message_id(Some(mail.message_id.clone()))
        .date(date(mail.date));
    for to in &mail.to {
        message = message.to(to.clone());
    }
    if let Some(thread) = &mail.thread {
        message = message.references(thread.clone()).in_reply_to(thread.clone());
    }
    let body = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.body.clone());
    message.singlepart(body).map_err(|error| Failure::Unsendable(error.to_string()))
}

fn date(at: Timestamp) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_micros(at.micros().max(0).cast_unsigned())
}

fn failed(error: Error) -> Failure {
    let status = error.status().map(|code| code.to_string());
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    match status {
        Some(status) => {
            Failure::Mail { permanent: error.is_permanent(), said: excerpt(&format!("{status} {cause}")) }
        }
        None => Failure::Connection(excerpt(&error.to_string())),
    }
}
