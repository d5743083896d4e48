//! motcua-first-party
