-- For `luarocks make` in this tree. Needs cargo (Rust 1.88 or newer); no Lua headers.
rockspec_format = "3.0"
package = "moonsocket"
version = "scm-1"
source = { url = "git+https://github.com/moonsocket/moonsocket.git" }
description = {
  summary = "Sockets in LuaSocket's, nixio's, osn's, sgssockets' and Emilua's manner, on one engine in Rust",
  detailed = "TCP, UDP and Unix sockets, HTTP, mail and FTP; in fibers every call that waits lets the others go on.",
  homepage = "https://github.com/moonsocket/moonsocket",
  license = "MIT",
}
dependencies = { "lua >= 5.1, < 5.6" }
build = {
  type = "command",
  install_command = [[cargo xtask install --interpreter "$(LUA)" --libdir "$(LIBDIR)" --luadir "$(LUADIR)"]],
}
