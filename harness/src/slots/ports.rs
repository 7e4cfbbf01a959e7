//! Who listens on a port, as far as the system tells.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// The program that listens on a port of this machine; `None` when nobody does.
pub(super) fn listener(port: u16) -> Option<String> {
    if !is_taken(port) {
        return None;
    }
    Some(program(port).unwrap_or_else(|| "a program that the system does not name".to_owned()))
}

/// Binding finds listeners on every address on Linux; elsewhere a listener on one address does not
/// hinder binding to all, so it is also knocked at.
fn is_taken(port: u16) -> bool {
    let binds =
        [SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)), SocketAddr::from((Ipv6Addr::LOCALHOST, port))];
    let in_use =
        |address| TcpListener::bind(address).is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
    if binds.into_iter().any(in_use) {
        return true;
    }
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    cfg!(not(target_os = "linux")) && TcpStream::connect_timeout(&local, Duration::from_millis(200)).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn program(_port: u16) -> Option<String> {
    None
}

/// From `/proc`: the socket's inode by its port, then the process that has it open.
#[cfg(target_os = "linux")]
fn program(port: u16) -> Option<String> {
    let inodes = listening_inodes(port);
    let processes = std::fs::read_dir("/proc").ok()?;
    processes.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let has_it = std::fs::read_dir(process.path().join("fd")).ok()?.flatten().any(|fd| {
            std::fs::read_link(fd.path())
                .is_ok_and(|target| inodes.iter().any(|inode| target.as_os_str() == inode.as_str()))
        });
        if !has_it {
            return None;
        }
        let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        Some(format!("process {pid} ({})", name.trim_end()))
    })
}

#[cfg(target_os = "linux")]
fn listening_inodes(port: u16) -> Vec<String> {
    const LISTEN: &str = "0A";
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|path| std::fs::read_to_string(path).unwrap_or_default());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| {
        let columns: Vec<&str> = row.split_ascii_whitespace().collect();
        let (_, hex) = columns.get(1)?.rsplit_once(':')?;
        let listens = u16::from_str_radix(hex, 16) == Ok(port) && *columns.get(3)? == LISTEN;
        listens.then(|| columns.get(9).map(|inode| format!("socket:[{inode}]")))?
    })
    .collect()
}
