---@meta socket.headers

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---How the names of header fields are written.
local M = {}

---From names in lower case to what is usual: `canonic["content-length"]` is `Content-Length`.
---@type table<string,string>
M.canonic = nil

return M
