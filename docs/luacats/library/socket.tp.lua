---@meta socket.tp

-- Written by `cargo xtask docs` from docs/reference/luasocket-lua.txt: change that.

---Conversations in lines: a command, and a reply with a code of three digits. SMTP and FTP are made of it.
local M = {}

---A connection to a server.
---
---Errors: "connection refused"
---@param host string
---@param port integer
---@param timeout? number seconds for each wait; `tp.TIMEOUT` without it
---@param create? fun():socket.tcp? makes the object to connect
---@return socket.tp.connection? connection
---@return string? message
function M.connect(host, port, timeout, create) end

---Seconds for each wait: 60. It may be changed.
---@type number
M.TIMEOUT = nil

---What `tp.connect` gives.
---@class socket.tp.connection
local tp = {}

---Sends a command.
---
---Errors: "line break in a command"
---@param verb string
---@param argument? string|integer
---@return integer? sent
---@return string? message
function tp:command(verb, argument) end

---Receives a reply, and sees if its code fits.
---
---Errors: "invalid server reply"
---@param expected string|string[]|fun(code:integer,reply:string):... a pattern, several, or a function whose results are those of the call
---@return integer? code
---@return string reply its lines; or the message
function tp:check(expected) end

---Sends a string.
---@param data string
---@return integer? sent
---@return string? message
function tp:send(data) end

---Receives what a pattern says.
---@param pattern string|integer
---@return string? data
---@return string? message
---@return string? partial
function tp:receive(pattern) end

---Sends what a source gives.
---@param source function
---@param step? function
---@return integer? done 1
---@return string? message
function tp:source(source, step) end

---Receives what a pattern says, and gives it to a sink.
---@param sink function
---@param pattern string|integer
---@return any ... what the sink gives
function tp:sink(sink, pattern) end

---The object below.
---@return socket.tcp client
function tp:getcontrol() end

---As that of the object below.
---@return string? address
---@return integer|string port
function tp:getpeername() end

---As that of the object below.
---@return string? address
---@return integer|string port
function tp:getsockname() end

---For `select`.
---@return integer fd
function tp:getfd() end

---For `select`.
---@return boolean dirty
function tp:dirty() end

---Closes it.
---@return integer done 1
function tp:close() end

return M
