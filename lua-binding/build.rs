//! Link arguments that belong to what is built: a module, or the standalone interpreter.

use std::process::Command;

/// Whether the module will be loaded by a C library that knows packed relocations: glibc since 2.36, where it is that of
/// this machine. They make the file 5 % shorter, and loading it 40 µs.
fn packs_relocations() -> bool {
    let here = std::env::var_os("TARGET") == std::env::var_os("HOST");
    let gnu = std::env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "gnu");
    if !(here && gnu) {
        return false;
    }
    // `glibc 2.36`
    let version = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = version.ok().and_then(|version| {
        let (major, minor) = version.trim().strip_prefix("glibc ")?.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    });
    version.is_some_and(|version| version >= (2, 36))
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let module = std::env::var_os("CARGO_FEATURE_MODULE").is_some();
    match (module, os.as_str()) {
        // A signal handler or a thread of ours may outlive the Lua state that loaded the module.
        (true, "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "android") => {
            println!("cargo:rustc-link-arg=-Wl,-z,nodelete");
            if packs_relocations() {
                println!("cargo:rustc-link-arg=-Wl,-z,pack-relative-relocs");
            }
        }
        (true, "macos" | "ios") => {
            println!("cargo:rustc-link-arg=-Wl,-undefined,dynamic_lookup");
        }
        // C modules that the interpreter loads find Lua's functions in it.
        (false, "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "android") => {
            println!("cargo:rustc-link-arg-bins=-rdynamic");
        }
        _ => {}
    }
}
