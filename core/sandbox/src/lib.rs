//! motcua-sandbox
