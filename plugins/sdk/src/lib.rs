//! motcua-plugin-sdk
