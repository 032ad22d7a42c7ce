//! Addresses that are not the public internet's: IANA's registries of special-purpose addresses (RFC 6890 and what
//! updates it), and where clouds keep their metadata.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// How far an address reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Public,
    /// Where it is allowed.
    Private,
    /// With the reason.
    Never(&'static str),
}

const fn v4(a: u8, b: u8, c: u8, d: u8, bits: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(segments: [u16; 8], bits: u8) -> Ipv6Net {
    let [a, b, c, d, e, f, g, h] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), bits)
}

const METADATA: &str = "a cloud's metadata service";
const DOCUMENTATION: &str = "it is for documentation";
const RESERVED: &str = "it is reserved";

const NEVER_V4: [(Ipv4Net, &str); 13] = [
    (v4(0, 0, 0, 0, 8), "it is unspecified"),
    (v4(169, 254, 0, 0, 16), "it is link-local, where clouds keep their metadata"),
    // Alibaba, Azure, Oracle.
    (v4(100, 100, 100, 200, 32), METADATA),
    (v4(168, 63, 129, 16, 32), METADATA),
    (v4(192, 0, 0, 192, 32), METADATA),
    (v4(192, 0, 0, 0, 24), RESERVED),
    (v4(192, 0, 2, 0, 24), DOCUMENTATION),
    (v4(198, 51, 100, 0, 24), DOCUMENTATION),
    (v4(203, 0, 113, 0, 24), DOCUMENTATION),
    (v4(192, 88, 99, 0, 24), "it is the 6to4 relay's"),
    (v4(224, 0, 0, 0, 4), "it is multicast"),
    (v4(255, 255, 255, 255, 32), "it is broadcast"),
    (v4(240, 0, 0, 0, 4), RESERVED),
];

const PRIVATE_V4: [Ipv4Net; 6] = [
    v4(127, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
    // Carrier-grade NAT; some clusters number their pods so. Benchmarks.
    v4(100, 64, 0, 0, 10),
    v4(198, 18, 0, 0, 15),
];

const NEVER_V6: [(Ipv6Net, &str); 11] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "it is unspecified"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "it is link-local"),
    // Amazon, Google.
    (v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0], 32), METADATA),
    (v6([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128), METADATA),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "it is multicast"),
    (v6([0x2001, 0x0db8, 0, 0, 0, 0, 0, 0], 32), DOCUMENTATION),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), DOCUMENTATION),
    (v6([0x0100, 0, 0, 0, 0, 0, 0, 0], 64), "it leads nowhere"),
    // Teredo and other protocols' assignments; where the IPv4 address lies in a local NAT64 prefix cannot be told.
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), RESERVED),
    (v6([0x0064, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "it is a local NAT64 prefix"),
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), RESERVED),
];

const PRIVATE_V6: [Ipv6Net; 3] = [
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
];

/// Loopback, RFC 1918 and unique local addresses.
pub(super) fn allowed_by_default() -> Vec<IpNet> {
    let v4 = PRIVATE_V4[..4].iter().copied().map(IpNet::V4);
    v4.chain(PRIVATE_V6[..2].iter().copied().map(IpNet::V6)).collect()
}

pub(super) fn reach(address: IpAddr) -> Reach {
    let (never, private) = match canonical(address) {
        IpAddr::V4(address) => {
            let never = NEVER_V4.iter().find(|(net, _)| net.contains(&address));
            (never.map(|(_, why)| *why), PRIVATE_V4.iter().any(|net| net.contains(&address)))
        }
        IpAddr::V6(address) => {
            let never = NEVER_V6.iter().find(|(net, _)| net.contains(&address));
            (never.map(|(_, why)| *why), PRIVATE_V6.iter().any(|net| net.contains(&address)))
        }
    };
    match (never, private) {
        (Some(why), _) => Reach::Never(why),
        (None, true) => Reach::Private,
        (None, false) => Reach::Public,
    }
}

/// The IPv4 address that an IPv6 address stands for, or the address itself.
pub(super) fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => embedded(v6).map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let (high, low) = match segments {
        // ::1 and :: are themselves.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => return None,
        // Mapped, compatible (deprecated), translated (RFC 2765), NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0xffff | 0, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => (high, low),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
}
