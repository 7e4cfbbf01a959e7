//! Nothing: the programs are in `bin`, and what they have to do in `tests`.
