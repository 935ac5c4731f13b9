---@meta socket.http.pool

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---What `http.pool` is.
local M = {}

---The same as `http.pool`.
---@param options? {size:integer,seconds:number}
---@return socket.http.pool pool
function M.new(options) end

return M
