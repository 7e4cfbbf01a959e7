//! Job objects, and the few calls beside them that the standard library does not have.
//!
//! The safe crates for jobs do not fit: one cannot end a job with a status that is known again, and its processes are in
//! it only some time after they have begun; another waits for a process and ends it by the same exclusive reference. Both bring
//! another binding of the system's interface than the one that is built for tokio anyway.
#![allow(unsafe_code, reason = "calls of the system; see each of them")]

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr;

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION, JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JOBOBJECTINFOCLASS,
    JobObjectBasicAccountingInformation, JobObjectExtendedLimitInformation, QueryInformationJobObject,
    SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenThread, ResumeThread, THREAD_SUSPEND_RESUME,
};
use windows_sys::core::BOOL;

/// Processes, and all that they start from when they are in it: nothing leaves it. They end with it, and it ends with its
/// last handle, which is not inherited.
#[derive(Debug)]
pub(super) struct Job(OwnedHandle);

impl Job {
    pub(super) fn new() -> io::Result<Self> {
        // SAFETY: both pointers may be null: no name, and the rights that are usual, by which the handle is not inherited.
        let handle = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        let job = Self(owned(handle)?);
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: the structure is the one of this class, whole, and lives until the call returns.
        done(unsafe {
            SetInformationJobObject(
                job.raw(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>(),
            )
        })?;
        Ok(job)
    }

    /// Takes a process in, beside the jobs that it is in already.
    pub(super) fn take_in(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        // SAFETY: both handles are open as long as this call.
        done(unsafe { AssignProcessToJobObject(self.raw(), process.as_raw_handle()) })
    }

    /// Takes this process in, and with it all that it starts from now on.
    pub(super) fn take_in_this_process(&self) -> io::Result<()> {
        // SAFETY: it has no preconditions; what it returns stands for this process and need not be closed.
        let this = unsafe { BorrowedHandle::borrow_raw(GetCurrentProcess()) };
        self.take_in(this)
    }

    /// Ends everybody who is in it, with this status.
    pub(super) fn end(&self, status: u32) {
        // It can only fail because a process of it is ending already.
        // SAFETY: the handle is open.
        let _ = unsafe { TerminateJobObject(self.raw(), status) };
    }

    /// How many processes of it live.
    pub(super) fn living(&self) -> io::Result<u32> {
        let mut known = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        self.ask(JobObjectBasicAccountingInformation, &mut known)?;
        Ok(known.ActiveProcesses)
    }

    /// `T` is the structure of this class.
    fn ask<T>(&self, class: JOBOBJECTINFOCLASS, answer: &mut T) -> io::Result<()> {
        let answer: *mut c_void = ptr::from_mut(answer).cast();
        // SAFETY: as many bytes as are said may be written behind the pointer, and all classes are plain numbers.
        done(unsafe { QueryInformationJobObject(self.raw(), class, answer, size::<T>(), ptr::null_mut()) })
    }

    fn raw(&self) -> HANDLE {
        self.0.as_handle().as_raw_handle()
    }
}

/// Lets a process begin that was started suspended. It has one thread, which the standard library does not hand out.
pub(super) fn resume(process: u32) -> io::Result<()> {
    // SAFETY: it has no preconditions.
    let threads = owned(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) })?;
    let size = size::<THREADENTRY32>();
    let mut entry = THREADENTRY32 { dwSize: size, ..THREADENTRY32::default() };
    // SAFETY: the handle is open, and the structure says how large it is.
    let mut is_there = unsafe { Thread32First(threads.as_raw_handle(), &raw mut entry) } != 0;
    while is_there {
        if entry.th32OwnerProcessID == process {
            // SAFETY: it has no preconditions; a thread that has ended is an error.
            let thread = owned(unsafe { OpenThread(THREAD_SUSPEND_RESUME, 0, entry.th32ThreadID) })?;
            // SAFETY: the handle is open and has the right for this.
            let before = unsafe { ResumeThread(thread.as_raw_handle()) };
            return if before == u32::MAX { Err(io::Error::last_os_error()) } else { Ok(()) };
        }
        entry.dwSize = size;
        // SAFETY: as above.
        is_there = unsafe { Thread32Next(threads.as_raw_handle(), &raw mut entry) } != 0;
    }
    Err(io::Error::other("the system does not list the thread of a process that was just started"))
}

/// What Ctrl-Break does, to the processes of one console group. Fails where there is no console.
pub(super) fn press_break(group: u32) -> io::Result<()> {
    // SAFETY: it has no preconditions.
    done(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group) })
}

/// The size of a structure, as the system wants to be told it.
#[expect(clippy::cast_possible_truncation, reason = "no structure of the system is that large")]
const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was just opened, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

fn done(result: BOOL) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
