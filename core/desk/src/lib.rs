//! motcua-desk
