//! The room with real processes, as far as they are to be had: `cmd` and this executable.
