---@meta nixio.util

-- Written by `cargo xtask docs` from docs/reference/nixio.txt: change that.

---Adds methods to the sockets, and has one function of its own. It is also `nixio.util`.
local M = {}

---The first values of an iterator, in a list.
---@param iterator function?
---@param list? table they are appended to it
---@return table list
function M.consume(iterator, list) end

return M
