---@meta sgssockets

-- Written by `cargo xtask docs` from docs/reference/sgssockets.txt: change that.

local M = {}

---The number of the last call's error: 0 after one that went well, negative if it is the resolver's.
---@param as_text? boolean true gives a text
---@return integer|string error
function M.socket_error(as_text) end

---The number of an error.
---@param name string such as `"EWOULDBLOCK"`
---@return integer number
function M.socket_geterrnobyname(name) end

---Makes an address.
---
---Errors: "not an address of this family", "Address family not supported by protocol"
---@param family integer `AF_INET` or `AF_INET6`
---@param text string an IP address
---@param port? integer 0 without it
---@return sgssockets.address? address
---@return string? message
function M.socket_address(family, text, port) end

---Makes an address.
---
---Errors: "not an address of this family"
---@param family integer `AF_INET` or `AF_INET6`
---@param bytes string 4 or 16 bytes
---@param port? integer 0 without it
---@return sgssockets.address? address
---@return string? message
function M.socket_address_frombytes(family, bytes, port) end

---All addresses of a name.
---@param host string
---@param port string|integer a number or the name of a service
---@param type? integer `SOCK_STREAM` without it
---@param family? integer any without it
---@return sgssockets.found[]? list
---@return string? message
function M.socket_getaddrinfo(host, port, type, family) end

---The name of this machine.
---@return string? name
---@return string? message
function M.socket_gethostname() end

---Makes a socket.
---
---Errors: "Protocol not supported"
---@param family integer such as `AF_UNIX`
---@param type integer such as `SOCK_STREAM`
---@param protocol integer 0 for the usual one
---@return sgssockets.socket? socket
---@return string? message
function M.socket(family, type, protocol) end

---Makes a TCP socket.
---@param ipv6? boolean true: for IPv6
---@return sgssockets.socket? socket
---@return string? message
function M.socket_tcp(ipv6) end

---Makes a UDP socket.
---@param ipv6? boolean true: for IPv6
---@return sgssockets.socket? socket
---@return string? message
function M.socket_udp(ipv6) end

---Waits until one of many sockets is ready. The arrays are shortened to the ones that are, in their order. A socket that is
---ready in two arrays counts twice.
---@param reads sgssockets.socket[]? to receive or accept from
---@param writes sgssockets.socket[]? to send to
---@param errors sgssockets.socket[]? for urgent bytes, errors and hang-ups
---@param seconds? number without it for as long as it takes
---@return integer count 0 when the time is up, -1 for an error
function M.socket_select(reads, writes, errors, seconds) end

---Puts flags together, on Luas that have no operator for it.
---@param ... integer
---@return integer flags
function M.bor(...) end

---What a value is.
---@param value any
---@return string type `"socket"`, `"socket_address"` or what Lua's `type` says
function M.typeof(value) end

---Is a socket open? Of other values: are they true?
---@param value any
---@return boolean answer
function M.tobool(value) end

---Families.
---@type integer
M.AF_INET = nil

---@type integer
M.AF_INET6 = nil

---@type integer
M.AF_IPX = nil

---@type integer
M.AF_UNIX = nil

---@type integer
M.AF_UNSPEC = nil

---@type integer
M.PF_INET = nil

---@type integer
M.PF_INET6 = nil

---@type integer
M.PF_IPX = nil

---@type integer
M.PF_UNIX = nil

---@type integer
M.PF_UNSPEC = nil

---Types of sockets.
---@type integer
M.SOCK_STREAM = nil

---@type integer
M.SOCK_DGRAM = nil

---@type integer
M.SOCK_RAW = nil

---@type integer
M.SOCK_SEQPACKET = nil

---Protocols, and a flag of the resolver's.
---@type integer
M.IPPROTO_TCP = nil

---@type integer
M.IPPROTO_UDP = nil

---@type integer
M.AI_PASSIVE = nil

---Flags of `send`, `sendto`, `recv` and `recvfrom`.
---@type integer
M.MSG_CONFIRM = nil

---@type integer
M.MSG_DONTROUTE = nil

---@type integer
M.MSG_DONTWAIT = nil

---@type integer
M.MSG_EOR = nil

---@type integer
M.MSG_MORE = nil

---@type integer
M.MSG_NOSIGNAL = nil

---@type integer
M.MSG_OOB = nil

---What `shutdown` takes: 0, 1 and 2, whatever the system has.
---@type integer
M.SHUT_RD = nil

---@type integer
M.SHUT_WR = nil

---@type integer
M.SHUT_RDWR = nil

---@type integer
M.SD_RECEIVE = nil

---@type integer
M.SD_SEND = nil

---@type integer
M.SD_BOTH = nil

---@class sgssockets.found
---@field flags integer 0
---@field family integer
---@field socktype integer
---@field protocol integer
---@field canonname? string
---@field addr sgssockets.address

---An address. Addresses compare with `==`, `<` and `<=`: by family, address and port. `tostring` gives `full_addr_string`.
---Writing what is no address raises an error and changes nothing.
---@class sgssockets.address
---@field class string What it is.
---@field family integer Its family. It cannot be written.
---@field port integer? The port.
---@field addr_u32 integer? An IPv4 address as a number.
---@field addr_buf string? The address as 4 or 16 bytes.
---@field addr_bytes integer[]? The address as a list of 4 or 16 numbers.
---@field addr_string string? The address as text.
---@field full_addr_string string? Address and port as text: `127.0.0.1:80`, `[::1]:80`.
local address = {}

---A socket. `tostring` gives `socket`. Limits of 0 are none. An object that is collected closes its descriptor.
---@class sgssockets.socket
---@field class string What it is.
---@field blocking boolean May its calls wait? Reading gives what was written.
---@field broadcast boolean May it send to broadcast addresses?
---@field error integer The pending error's number, 0 for none. Reading clears it.
---@field recv_timeout number Seconds for receiving and accepting, 0 for no limit.
---@field reuse_addr boolean May it be bound to an address that was just in use?
---@field send_timeout number Seconds for sending and connecting, 0 for no limit.
local socket = {}

---Waits for a connection.
---
---Errors: "Resource temporarily unavailable"
---@return sgssockets.socket? socket
---@return sgssockets.address|string|nil address of the other end; or the message
function socket:accept() end

---Binds it to every address of this machine.
---@param port integer 0 takes any that is free
---@return boolean done
function socket:bind(port) end

---Closes the descriptor; false if it is closed already.
---@return boolean done
function socket:close() end

---Connects.
---@param address sgssockets.address
---@return boolean done
function socket:connect(address) end

---The address of the other end.
---
---Errors: "Transport endpoint is not connected"
---@return sgssockets.address? address
---@return string? message
function socket:getpeername() end

---Its own address, to learn the port that `bind(0)` chose.
---@return sgssockets.address? address
---@return string? message
function socket:getsockname() end

---Makes it listen.
---@param backlog integer how many connections may wait for `accept`
---@return boolean done
function socket:listen(backlog) end

---Receives what is there, at most `size` bytes; true at the end of a stream, false for an error. Of a datagram socket the
---next message.
---@param size integer
---@param flags? integer
---@return string|boolean data
function socket:recv(size, flags) end

---Receives a message, and tells where it came from; false for an error.
---@param size integer
---@param flags? integer
---@return string|false data
---@return sgssockets.address? address
function socket:recvfrom(size, flags) end

---Sends a string: all of it, if it is a stream that may wait. False for an error.
---@param text string
---@param flags? integer
---@return integer|false sent
function socket:send(text, flags) end

---Sends a message to an address. False for an error.
---@param text string
---@param address sgssockets.address
---@param flags? integer
---@return integer|false sent
function socket:sendto(text, address, flags) end

---Ends one direction, or both.
---@param kind integer such as `SHUT_WR`
---@return boolean done
function socket:shutdown(kind) end

return M
