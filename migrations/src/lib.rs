//! motcua-migrations
