---@meta socket.ftp

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---Files to and from FTP servers.
local M = {}

---Fetches a file. With a URL it is the first result; with a table the result is 1, and the file goes to its sink.
---
---Errors: "connection refused"
---@param request string|socket.ftp.request
---@return string|integer|nil file or 1
---@return string? message
function M.get(request) end

---Stores a file.
---
---Errors: "connection refused"
---@param request string|socket.ftp.request
---@param text? string for a URL: what to store
---@return integer? count of bytes
---@return string? message
function M.put(request, text) end

---Sends a command, or a list of them.
---
---Errors: "missing command"
---@param request socket.ftp.request with `command`, and perhaps `argument` and `check`, the codes that it must give
---@return integer? done 1
---@return string? message
function M.command(request) end

---The table that the others make of a URL. It raises as `try` does.
---@param url string
---@return socket.ftp.request request
function M.genericform(url) end

---A session, for those who want to send the commands by themselves: see [its methods](#class-socketftpsession). It raises
---as `try` does.
---@param server string
---@param port? integer 21 without it
---@param create? fun():socket.tcp?
---@return socket.ftp.session session
function M.open(server, port, create) end

---Seconds for each wait: 60. It may be changed, as all below.
---@type number
M.TIMEOUT = nil

---`ftp`.
---@type string
M.USER = nil

---`anonymous@anonymous.org`.
---@type string
M.PASSWORD = nil

---The port where a request names none. Not set: 21.
---@type integer?
M.PORT = nil

---@class socket.ftp.request
---@field host string
---@field port? integer
---@field user? string
---@field password? string
---@field path? string
---@field type? "a"|"i" text or binary
---@field command? string|string[]
---@field argument? string|string[]
---@field check? string|string[] for `command`
---@field sink? function for `get`
---@field source? function for `put`
---@field step? function
---@field create? fun():socket.tcp?

---What `ftp.open` gives. Its methods raise as `try` does.
---@class socket.ftp.session
local session = {}

---Waits until the server is ready.
function session:greet() end

---USER and PASS.
---@param user? string
---@param password? string
function session:login(user, password) end

---TYPE.
---@param kind "a"|"i"
function session:type(kind) end

---CWD.
---@param folder string
function session:cwd(folder) end

---EPSV: the server waits for the connection for data.
---@return string address
---@return integer port
function session:epsv() end

---PASV.
---@return string address
---@return integer port
function session:pasv() end

---EPRT: we wait for the connection for data.
---@param family? string
---@param address? string
---@param port? integer
function session:eprt(family, address, port) end

---PORT.
---@param address? string
---@param port? integer
function session:port(address, port) end

---Makes the connection that `epsv` or `pasv` has agreed.
function session:pasvconnect() end

---Takes the connection that `eprt` or `port` has agreed.
function session:portconnect() end

---Stores a file.
---@param request socket.ftp.request
---@return integer count
function session:send(request) end

---Fetches a file.
---@param request socket.ftp.request
---@return integer done 1
function session:receive(request) end

---QUIT.
function session:quit() end

---Closes it.
---@return integer done 1
function session:close() end

return M
