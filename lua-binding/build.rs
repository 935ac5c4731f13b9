//! Link arguments that belong to what is built: a module, or the standalone interpreter.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let os = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    let module = std::env::var_os("CARGO_FEATURE_MODULE").is_some();
    match (module, os.as_str()) {
        // A signal handler or a thread of ours may outlive the Lua state that loaded the module.
        (true, "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" | "android") => {
            println!("cargo:rustc-link-arg=-Wl,-z,nodelete");
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
