//! From where a request comes.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::HeaderMap;

/// The visitor's network address: what a proxy that we trust says, else that of the connection.
pub fn of(headers: &HeaderMap, peer: Option<SocketAddr>, trusted_proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = peer?.ip();
    let forwarded = headers.get_all("X-Forwarded-For").last().and_then(|value| value.to_str().ok());
    // The last entry is the one that the trusted proxy wrote itself.
    let said = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    said.filter(|_| trusted_proxies.contains(&peer)).or(Some(peer))
}

/// What one customer of a network has: an IPv4 address, or the upper half of an IPv6 address.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn c19_a_forwarded_address_counts_only_from_a_trusted_proxy() {
        let proxy: IpAddr = "127.0.0.1".parse().expect("an address");
        let asked = |trusted: &[IpAddr]| {
            let request = TestRequest::get().insert_header(("X-Forwarded-For", "10.9.9.9, 203.0.113.7"));
            let request = request.to_http_request();
            let peer = "127.0.0.1:4711".parse().expect("an address");
            of(request.headers(), Some(peer), trusted).map(|address| address.to_string())
        };
        assert_eq!(asked(&[]).as_deref(), Some("127.0.0.1"));
        assert_eq!(asked(&[proxy]).as_deref(), Some("203.0.113.7"));
    }

    #[test]
    fn c13_a_customer_of_a_network_counts_once() {
        let network = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
