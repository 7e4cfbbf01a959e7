//! Nothing: a package has to have something, and its tests are what is wanted of it.
