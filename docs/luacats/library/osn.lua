---@meta osn

-- Written by `cargo xtask docs` from docs/reference/osn.txt: change that.

local M = {}

---Makes a connected socket. A name's addresses are tried one after the other.
---
---Errors: "Connection refused", "timeout", "port or usock must be set", "unknown protocol"
---@param description osn.description
---@param own? osn.own the own path of a Unix datagram socket, so that the server can answer
---@return osn.socket? socket
---@return string? message
---@return integer? errno
function M.connect(description, own) end

---Makes a listen socket, or with the protocol `"udp"` a bound datagram socket.
---
---Errors: "Address already in use", "port or usock must be set", "unknown protocol"
---@param description osn.description
---@return osn.socket? socket
---@return string? message
---@return integer? errno
function M.serve(description) end

---Makes a datagram socket that is neither bound nor connected. The table only says of which family it is: without `ip` and
---`family` of that in which `serve` takes datagrams then, IPv4.
---@param description osn.description
---@return osn.socket? socket
---@return string? message
---@return integer? errno
function M.udp_socket(description) end

---Are signals caught? They are from the first osn socket on. With an argument it gives them back to the system, or catches
---them again.
---@param catch? boolean
---@return boolean caught
function M.signals(catch) end

---`port` or `usock` has to be set.
---@class osn.description
---@field port? string|integer a number or the name of a service
---@field ip? string an address or a name; without it any address for `serve`, the loopback for `connect`
---@field usock? string the path of a Unix socket
---@field family? "inet"|"inet6"|"unix" also `ipv4`, `ip4`, `4` and so on, and `local`
---@field protocol? "tcp"|"udp" `"tcp"` without it; the first letter counts
---@field tcp_nodelay? boolean for a listen socket: of its connections
---@field connect_timeout? integer milliseconds
---@field remove_socket_before_start? boolean `serve` removes a socket that has the path; it removes no file
---@field socket_mode? string the path's permissions in octal digits: `"660"`

---@class osn.own
---@field usock string the path
---@field remove_socket_before_start? boolean
---@field socket_mode? string

---Where a datagram came from, or is to go. Any table with these fields will do. `tostring` shows it.
---@class osn.address
---@field ip? string an address, to send to also a name
---@field port? string|integer
---@field family? "inet"|"inet6"
---@field usock? string

---A connected socket, a listen socket or a datagram socket. A method that it does not have raises an error. `tostring` gives
---its kind and an address.
---@class osn.socket
---@field class string Its kind.
---@field closed boolean Is it closed?
local socket = {}

---Waits for a connection. Listen sockets only. When the time is up it gives a socket that is closed, and `"timeout"`.
---
---Errors: "timeout", "signal"
---@param again? osn.socket this one is closed, and used for the connection
---@param microseconds? number
---@return osn.socket? socket
---@return string? message
---@return integer|string|nil errno or the signal's name
function socket:accept(again, microseconds) end

---Closes the descriptor. The path of a Unix socket stays.
---
---Errors: "Bad file descriptor"
---@return boolean? done true
---@return string? message
---@return integer? errno
function socket:close() end

---The address of the other end; of a Unix socket its path alone. Not for listen sockets.
---
---Errors: "Transport endpoint is not connected"
---@return string? ip or a path
---@return string? port or the message
---@return integer? errno
function socket:getpeername() end

---Its own address, to learn the port that `"0"` chose.
---@return string? ip or a path
---@return string? port or the message
---@return integer? errno
function socket:getsockname() end

---Receives what is there: at least one byte, at most `size`. A datagram comes whole or cut, and with its sender.
---
---Without a limit it waits for 10 s, then it says `nil, "timeout"`. With seconds it says `"", "timeout"`: nothing yet, ask
---again. Not for listen sockets.
---
---Errors: "timeout", "closed", "signal", "positive size expected"
---@param size integer
---@param limit? "BLOCK"|number `"BLOCK"` waits for as long as it takes; a number is seconds, with fractions
---@return string? data
---@return osn.address|string|nil sender of a datagram; or the message
---@return integer|string|nil errno or the signal's name
function socket:receive(size, limit) end

---Sends all, for at most 10 s. If the time is up after some bytes, it says how many. A datagram socket that is not connected
---needs an address; a TCP connection takes no notice of one. Not for listen sockets.
---
---Errors: "timeout", "closed", "Destination address required", "signal"
---@param data string
---@param address? osn.address
---@return integer? sent
---@return string? message
---@return integer|string|nil errno or the signal's name
function socket:send(data, address) end

return M
