//! motcua-plugin-enterprise
