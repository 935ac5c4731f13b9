//! In the making.

#[macro_use]
pub mod vm;
#[cfg(feature = "selftest")]
pub mod selftest;

#[cfg(feature = "selftest")]
openers! {
    luaopen_moonsocket_selftest, SELFTEST => selftest::MODULE;
}
