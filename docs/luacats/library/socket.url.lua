---@meta socket.url

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---URLs, as RFC 3986 has them.
local M = {}

---Takes a URL apart.
---
---Errors: "invalid url"
---@param url string
---@param default? socket.url.parts what counts where the URL has no such part
---@return socket.url.parts? parts
---@return string? message
function M.parse(url, default) end

---Puts a URL together.
---@param parts socket.url.parts `host` counts more than `authority`
---@return string url
function M.build(parts) end

---Where a URL leads that was found at `base`, as LuaSocket tells it: a `/./` in its query or fragment goes, too.
---@param base string|socket.url.parts
---@param relative string
---@return string url
function M.absolute(base, relative) end

---Where a URL leads that was found at `base`.
---@param base string|socket.url.parts
---@param relative string
---@return string url
function M.resolve(base, relative) end

---Writes everything but letters, digits and underscores as `%xx`.
---@param text string
---@return string escaped
function M.escape(text) end

---The reverse of `escape`.
---@param text string
---@return string text
function M.unescape(text) end

---Takes a path apart: a list of its unescaped segments. The fields `is_absolute` and `is_directory` are there if a slash
---begins or ends it.
---@param path string?
---@return table segments
function M.parse_path(path) end

---Puts a path together.
---@param segments table
---@param unsafe? boolean true leaves the segments as they are
---@return string path
function M.build_path(segments, unsafe) end

---`URL 1.0.3`.
---@type string
M._VERSION = nil

---@class socket.url.parts
---@field scheme? string such as `http`
---@field authority? string user, host and port in one
---@field userinfo? string user and password in one
---@field user? string
---@field password? string
---@field host? string a name or an address, IPv6 without brackets
---@field port? string
---@field path? string
---@field params? string what follows a `;`
---@field query? string what follows a `?`
---@field fragment? string what follows a `#`

return M
