//! Lua in a Rust program, with every module at hand: `cargo run --example embed`.
//!
//! `moonsocket::preload` is all that it takes. A script that waits in fibers needs nothing of its host.
#![allow(clippy::print_stdout)]

use mlua::Lua;

const SCRIPT: &str = r#"
    local moonsocket, socket = require "moonsocket", require "socket"
    local a, b = socket.socketpair()
    moonsocket.spawn(function()
        for line in function() return (b:receive()) end do tell("got " .. line) end
        tell("no more")
    end)
    moonsocket.spawn(function()
        for number = 1, 3 do
            socket.sleep(0.01)
            a:send("line " .. number .. "\n")
        end
        a:close()
    end)
    assert(moonsocket.run())
"#;

fn main() -> mlua::Result<()> {
    let lua = Lua::new();
    moonsocket::preload(&lua)?;
    let tell = lua.create_function(|_, text: String| {
        println!("host: {text}");
        Ok(())
    })?;
    lua.globals().set("tell", tell)?;
    lua.load(SCRIPT).set_name("=script").exec()
}
