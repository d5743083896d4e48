//! motcua-catalogue
