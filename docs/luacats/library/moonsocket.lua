---@meta moonsocket

-- Written by `cargo xtask docs` from docs/reference/moonsocket.txt: change that.

---The dialects are loaded when their field is first looked at: `moonsocket.socket` is what `require "socket"` gives.
local M = {}

---Makes a fiber that will call `f` with the other arguments. It begins when `run` gives it its turn. A fiber may spawn
---others.
---@param f function what the fiber runs
---@param ... any its arguments
function M.spawn(f, ...) end

---Lets the fibers run until every one of them has ended. A call that has to wait suspends the fiber that makes it and
---lets the others go on. An error in a fiber is reported on stderr and ends that fiber alone.
---
---Errors: "deadlock"
---@return boolean? ended true when every fiber has ended
---@return string? message
function M.run() end

---`moonsocket` and its version.
---@type string
M._VERSION = nil

---The backend that was built in: `"blocking"` or `"mio"`.
---@type string
M._BACKEND = nil

---The Lua that runs: `"5.1"` to `"5.5"`, or `"jit"`.
---@type string
M._LUA = nil

---The [Emilua](emilua.md) dialect.
---@type table
M.emilua = nil

---The [nixio](nixio.md) dialect.
---@type table
M.nixio = nil

---The [osn](osn.md) dialect.
---@type table
M.osn = nil

---The [sgssockets](sgssockets.md) dialect.
---@type table
M.sgssockets = nil

---The [LuaSocket](luasocket.md) dialect.
---@type table
M.socket = nil

return M
