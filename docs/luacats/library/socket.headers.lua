---@meta socket.headers

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---How the names of header fields are written, and the fields themselves.
local M = {}

---The lines of a header, in the order of the names in lower case, with the empty line after them. Usual names are written as
---they usually are.
---
---Errors: "invalid header field 'x y'"
---@param fields table<string,string> by names in lower case
---@param allowed string the pattern of names that are not among the usual ones
---@param breaks fun(line: string): any does a line that has a line break or a NUL end before its end?
---@return string? text
---@return string? message
function M.text(fields, allowed, breaks) end

---From names in lower case to what is usual: `canonic["content-length"]` is `Content-Length`.
---@type table<string,string>
M.canonic = nil

return M
