//! What only the C library and the system can do on Windows.
#![allow(unsafe_code, reason = "see each of the functions")]

use std::backtrace::Backtrace;
use std::ffi::c_int;
use std::fs::File;
use std::io;
#[cfg(feature = "mail")]
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::windows::io::{AsRawHandle, BorrowedHandle, IntoRawHandle};
#[cfg(feature = "mail")]
use std::os::windows::io::{AsRawSocket, FromRawSocket, RawSocket};

#[cfg(feature = "mail")]
use windows_sys::Win32::Networking::WinSock::{
    FROM_PROTOCOL_INFO, INVALID_SOCKET, WSA_FLAG_NO_HANDLE_INHERIT, WSA_FLAG_OVERLAPPED, WSADuplicateSocketW,
    WSAPROTOCOL_INFOW, WSASocketW,
};
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_PIPE, FILE_TYPE_UNKNOWN, GetFileType};
use windows_sys::Win32::System::Console::{
    GetStdHandle, STD_ERROR_HANDLE, STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
};

/// A stream as the C library and as the system knows it.
type Stream = (c_int, STD_HANDLE);
const INPUT: Stream = (0, STD_INPUT_HANDLE);
const OUTPUT: Stream = (1, STD_OUTPUT_HANDLE);
const ERROR: Stream = (2, STD_ERROR_HANDLE);

/// Writes out what the streams of C hold back: they are not those of Rust, and have buffers of their own.
pub(crate) fn flush_c_streams() {
    // SAFETY: `fflush` with a null pointer flushes all output streams, and takes the lock of each.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Lets standard output and standard error be this file.
pub(crate) fn print_to(file: &File) -> io::Result<()> {
    point(OUTPUT, file)?;
    point(ERROR, file)
}

/// Lets standard input be empty, and standard output what standard error is. What they were is closed.
pub(crate) fn point_away() -> io::Result<()> {
    use std::os::windows::io::AsHandle;
    point(INPUT, &File::open("NUL")?)?;
    let error = io::stderr().as_handle().try_clone_to_owned()?;
    point(OUTPUT, &error.into())
}

/// Lets a stream be this file, for C, for Rust, and for programs that are started.
fn point((number, name): Stream, file: &File) -> io::Result<()> {
    let handle = file.try_clone()?.into_raw_handle();
    // SAFETY: the handle is open and now belongs to the descriptor, which is closed again below; `dup2` gives the stream a
    // handle of its own, closes the one that it had, and takes the lock of both.
    let moved = unsafe {
        let descriptor = libc::open_osfhandle(handle.addr().cast_signed(), libc::O_APPEND);
        if descriptor == -1 {
            return Err(io::Error::last_os_error());
        }
        let moved = libc::dup2(descriptor, number);
        libc::close(descriptor);
        moved
    };
    if moved == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the stream is open, and its handle stays so until it is pointed elsewhere. Rust asks for it each time that it
    // prints. Some C libraries do this themselves.
    let set = unsafe { SetStdHandle(name, libc::get_osfhandle(number) as _) };
    if set == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether nobody has closed standard output or standard error.
pub(crate) fn can_print() -> bool {
    // SAFETY: neither has preconditions: a handle that is not open is of no known type.
    let is_open = |(_, name): Stream| unsafe { GetFileType(GetStdHandle(name)) } != FILE_TYPE_UNKNOWN;
    is_open(OUTPUT) && is_open(ERROR)
}

/// Whether it is what a run gives to its workers.
pub(crate) fn is_pipe(handle: BorrowedHandle<'_>) -> bool {
    // SAFETY: the handle is open.
    unsafe { GetFileType(handle.as_raw_handle()) == FILE_TYPE_PIPE }
}

/// A thread that could be asked for its stack where there are signals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thread;

impl Thread {
    /// The thread that asks.
    pub(crate) fn this() -> Self {
        Self
    }

    /// Never known: a thread here can be stopped, but not made to look at its own stack.
    #[expect(clippy::unused_self, reason = "elsewhere the thread is asked")]
    pub(crate) fn backtrace(self) -> Option<Backtrace> {
        None
    }
}

/// A socket for another process, which has to ask for it while this one has it open.
#[cfg(feature = "mail")]
pub(crate) fn describe(listener: &TcpListener, process: u32) -> io::Result<Vec<u8>> {
    let socket = listener.as_raw_socket().try_into().map_err(io::Error::other)?;
    let mut info = WSAPROTOCOL_INFOW::default();
    // SAFETY: the socket is open, and the structure is written as a whole.
    if unsafe { WSADuplicateSocketW(socket, process, &raw mut info) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let first = (&raw const info).cast::<u8>();
    // SAFETY: the structure is made of numbers without gaps, and lives until its bytes are copied.
    Ok(unsafe { std::slice::from_raw_parts(first, size_of::<WSAPROTOCOL_INFOW>()) }.to_vec())
}

/// The socket that another process has described for this one.
#[cfg(feature = "mail")]
pub(crate) fn described(description: &[u8]) -> io::Result<TcpListener> {
    if description.len() != size_of::<WSAPROTOCOL_INFOW>() {
        return Err(io::Error::other("the socket for the mail is described otherwise than the system does"));
    }
    // SAFETY: there are as many bytes as that, and any of them are numbers.
    let info: WSAPROTOCOL_INFOW = unsafe { std::ptr::read_unaligned(description.as_ptr().cast()) };
    // The standard library sets up the system's sockets with the first of them.
    drop(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?);
    let flags = WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT;
    // SAFETY: the structure is whole; one that describes nothing is an error.
    let socket = unsafe {
        WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &raw const info, 0, flags)
    };
    if socket == INVALID_SOCKET {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened, and nobody else closes it.
    Ok(unsafe { TcpListener::from_raw_socket(socket as RawSocket) })
}
