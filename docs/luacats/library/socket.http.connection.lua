---@meta socket.http.connection

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---The messages of HTTP on any object; what `http.open` uses.
local M = {}

---@param client socket.tcp
---@return socket.http.connection connection
function M.new(client) end

return M
