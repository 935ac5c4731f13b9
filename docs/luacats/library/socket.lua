---@meta socket

-- Written by `cargo xtask docs` from docs/reference/luasocket.txt: change that.

---`require "socket.core"` gives the same table without `bind`, `choose`, `connect4`, `connect6`, `sink`, `source`, `try`
---and `BLOCKSIZE`. The table may be written to.
local M = {}

---Makes a TCP server: looks the address up, and binds and listens on the first result that can be bound, with the option
---`reuseaddr` set.
---
---Errors: "address already in use"
---@param address string an IP address or a name; `"*"` is every IPv4 address of this machine
---@param port integer|string a number or the name of a service; 0 takes any that is free
---@param backlog? integer how many connections may wait for `accept`; 32 without it
---@return socket.tcp? server
---@return string? message
---@return integer? errno
function M.bind(address, port, backlog) end

---Makes a TCP client that is connected. All addresses of a name are tried, one after the other. Without options it waits
---for as long as the system does.
---
---Don't pass on all that `getsockname` gives: its third result would be taken for the local address.
---
---Errors: "connection refused", "timeout"
---@param address string an IP address or a name
---@param port integer|string a number or the name of a service
---@param laddress? string|socket.connect_options the local address to bind to first, or a table of options
---@param lport? integer|string the local port; 0 without it
---@param family? "unspec"|"inet"|"inet6" the family of the local address
---@return socket.tcp? client without limits of its own
---@return string? message
---@return integer? errno
function M.connect(address, port, laddress, lport, family) end

---`connect` with the family `"inet"`. As in LuaSocket that is the local address's: without one, any address is connected
---to. `{ family = "inet" }` in its place asks for IPv4.
---@param address string an IP address or a name
---@param port integer|string a number or the name of a service
---@param laddress? string|socket.connect_options the local address, or a table of options
---@param lport? integer|string the local port
---@return socket.tcp? client
---@return string? message
---@return integer? errno
function M.connect4(address, port, laddress, lport) end

---`connect` with the family `"inet6"`. As in LuaSocket that is the local address's: without one, any address is connected
---to. `{ family = "inet6" }` in its place asks for IPv6.
---@param address string an IP address or a name
---@param port integer|string a number or the name of a service
---@param laddress? string|socket.connect_options the local address, or a table of options
---@param lport? integer|string the local port
---@return socket.tcp? client
---@return string? message
---@return integer? errno
function M.connect6(address, port, laddress, lport) end

---Makes a TCP master. It has no descriptor before the first `bind` or `connect`, whose address decides the family.
---@return socket.tcp? master
---@return string? message
function M.tcp() end

---Makes a TCP master for IPv4, with its descriptor.
---
---Errors: "Too many open files"
---@return socket.tcp? master
---@return string? message
---@return integer? errno
function M.tcp4() end

---Makes a TCP master for IPv6, with its descriptor. It takes no IPv4 connections.
---
---Errors: "Address family not supported by protocol"
---@return socket.tcp? master
---@return string? message
---@return integer? errno
function M.tcp6() end

---Makes an unconnected UDP object. It has no descriptor before its first address, which decides the family.
---@return socket.udp? object
---@return string? message
function M.udp() end

---Makes an unconnected UDP object for IPv4, with its descriptor.
---
---Errors: "Too many open files"
---@return socket.udp? object
---@return string? message
---@return integer? errno
function M.udp4() end

---Makes an unconnected UDP object for IPv6, with its descriptor.
---
---Errors: "Address family not supported by protocol"
---@return socket.udp? object
---@return string? message
---@return integer? errno
function M.udp6() end

---Waits until one of many objects is ready. Anything with a method `getfd` counts as an object; one whose `dirty` says
---true is ready to receive at once. Elements without a descriptor are left out. The number of a descriptor is not
---limited.
---
---Both results are lists, which also have each object as a key.
---
---Errors: "timeout", "cancelled"
---@param recvt table? a list of objects to receive from; servers to accept from are among them
---@param sendt table? a list of objects to send to
---@param timeout? number seconds; none or a negative number waits for as long as it takes
---@return table readable
---@return table writable
---@return string? message
function M.select(recvt, sendt, timeout) end

---Waits. It is never early. In a fiber only that fiber waits.
---@param seconds number negative numbers and NaN don't wait
function M.sleep(seconds) end

---The time of day. The clock may be set while the program runs; `monotime` is for measuring.
---@return number seconds since 1970, with fractions
function M.gettime() end

---A clock that only goes forward.
---@return number seconds since some moment in the past
function M.monotime() end

---Makes two Unix objects that are connected to each other.
---
---Errors: "Too many open files"
---@param kind? "stream"|"dgram" `"stream"` without it
---@return socket.unixstream|socket.unixdgram|nil one
---@return socket.unixstream|socket.unixdgram|string other the other object, or the message
---@return integer? errno
function M.socketpair(kind) end

---Makes an object of the class that fits a socket which exists already. The object closes it. After an error the
---descriptor still belongs to the caller. A stream that does not listen counts as a client.
---
---Errors: "Socket operation on non-socket", "Address family not supported by protocol"
---@param fd integer a descriptor
---@return socket.tcp|socket.udp|socket.unixstream|socket.unixdgram|nil object
---@return string? message
---@return integer? errno
function M.fromfd(fd) end

---Its arguments without the first `n`.
---@param n integer
---@param ... any
---@return any ... what is left
function M.skip(n, ...) end

---Makes a function like `try` that calls `finalizer` before it raises.
---@param finalizer? function called without arguments
---@return function try
function M.newtry(finalizer) end

---Gives back its arguments. If the first one is nil or false, it raises the second as an error that `protect` turns back
---into results.
---@param value any
---@param ... any
---@return any ... all arguments
function M.try(value, ...) end

---Makes a function that calls `f` and returns `nil, message` for what `try` raised in it. Other errors pass. A fiber can
---wait in it, in Lua 5.1 too.
---@param f function
---@return function protected
function M.protect(f) end

---Makes a function that passes its call on to an entry of a table: `f(name, a, b)` calls `choices[name](a, b)`. If the
---first argument is no string, `choices.default` is called with all of them.
---@param choices table<string,function>
---@return function chosen
function M.choose(choices) end

---Makes an [LTN12 sink](luasocket-lua.md) that sends what it gets.
---@param mode "close-when-done"|"keep-open" whether the end closes the client; without a mode it is `"keep-open"`
---@param client socket.tcp
---@return function sink
function M.sink(mode, client) end

---Makes an [LTN12 source](luasocket-lua.md) that gives what is received.
---@param mode "by-length"|"until-closed" without a mode it is `"until-closed"`
---@param client socket.tcp
---@param length? integer how many bytes, for `"by-length"`
---@return function source
function M.source(mode, client, length) end

---Does nothing. LuaSocket has it for Windows.
function M.__unload() end

---How many bytes sources and sinks ask for at a time: 2048. It may be changed.
---@type integer
M.BLOCKSIZE = nil

---`LuaSocket 3.1.0` and, in parentheses, moonsocket's version.
---@type string
M._VERSION = nil

---What LuaSocket's select is limited to, 1024. Ours is not.
---@type integer
M._SETSIZE = nil

---The descriptor of an object that has none: -1.
---@type integer
M._SOCKETINVALID = nil

---What `receive` and `receivefrom` of datagrams take without a size: 8192.
---@type integer
M._DATAGRAMSIZE = nil

---True. `send` and `receive` of streams then give the seconds that they took as a fourth result.
---@type boolean
M._DEBUG = nil

---The tables that `sink` and `source` choose from. Entries may be added; `socket.http` adds `"http-chunked"` to both.
---@type table<string,function>
M.sinkt = nil

---@type table<string,function>
M.sourcet = nil

---Names of machines. Lookups run off the thread: in a fiber the others go on meanwhile.
M.dns = {}

---All addresses of a name, in the order in which they should be tried.
---
---Errors: "host or service not provided, or not known", "temporary failure in name resolution"
---@param name string a name or an IP address
---@return socket.address[]? addresses
---@return string? message
---@return integer? errno
function M.dns.getaddrinfo(name) end

---The names of an address and of a port. One of them may be nil.
---
---Errors: "host or service not provided, or not known"
---@param address? string an IP address or a name
---@param service? string|integer a port
---@return string[]? names one for each address
---@return string? service its name, only if one was asked for; or the message
function M.dns.getnameinfo(address, service) end

---The name of this machine.
---@return string? name
---@return string? message
function M.dns.gethostname() end

---The canonical name of an IPv4 address, and all that is known about it.
---
---Errors: "host not found"
---@param address string an IPv4 address or a name
---@return string? name
---@return socket.resolved|string resolved all that is known, or the message
function M.dns.tohostname(address) end

---The first IPv4 address of a name, and all that is known about it.
---
---Errors: "host not found"
---@param name string a name or an IPv4 address
---@return string? ip
---@return socket.resolved|string resolved all that is known, or the message
function M.dns.toip(name) end

---@class socket.address
---@field family "inet"|"inet6" of which family it is
---@field addr string the address as text

---@class socket.resolved
---@field name string the canonical name
---@field alias string[] other names
---@field ip string[] the addresses

---The table that `connect` takes in the place of the local address.
---@class socket.connect_options
---@field happy_eyeballs? boolean|number race the addresses, as RFC 8305 has it: true, or the seconds that each is ahead of the next
---@field timeout? number seconds for the whole call, the lookup included
---@field family? "unspec"|"inet"|"inet6" which addresses are tried

---A TCP object is a master when it is made, and becomes a server by `listen` or a client by `connect`. `tostring` gives
---its class and address. In Lua 5.4 and newer it can be a to-be-closed variable. An object that is collected closes its
---descriptor.
---
---A method that the class does not have raises an error, such as `calling 'send' on bad self (tcp{client} expected)`.
---@class socket.tcp
---@field class "tcp{master}"|"tcp{client}"|"tcp{server}" What it is now.
local tcp = {}

---Waits for a connection. Servers only.
---
---Errors: "timeout", "closed", "Too many open files"
---@return socket.tcp? client without limits of its own
---@return string? message
---@return integer? errno
function tcp:accept() end

---Gives it a local address. Masters only.
---
---Errors: "address already in use", "Cannot assign requested address", "permission denied"
---@param address string an IP address or a name; `"*"` is every address
---@param port integer|string 0 takes any that is free
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:bind(address, port) end

---Closes the descriptor. What has been received can still be read. May be called again.
---@return integer done 1
function tcp:close() end

---Connects, and makes it a client even if that fails. One limit holds for the whole call: the lookup and all addresses.
---With a limit of 0, `nil, "timeout"` says that the connect is under way: once `select` reports the object as writable,
---`getoption("error")` says how it ended.
---
---Errors: "timeout", "connection refused", "already connected", "Operation already in progress"
---@param address string an IP address or a name
---@param port integer|string a number or the name of a service
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:connect(address, port) end

---Are there bytes in the read buffer? `select` asks this.
---@return boolean dirty
function tcp:dirty() end

---Makes an object of the same class on a second descriptor of the same socket, with limits of its own. What is in the
---read buffer stays with the first.
---
---Errors: "Bad file descriptor", "Too many open files"
---@return socket.tcp? twin
---@return string? message
---@return integer? errno
function tcp:dup() end

---The family: what it was made for, or what its address is.
---@return "inet4"|"inet6" family
function tcp:getfamily() end

---The descriptor, -1 where there is none. It still belongs to the object.
---@return integer fd
function tcp:getfd() end

---Reads an option; see [the options](#options) below.
---
---Errors: "getsockopt failed"
---@param name string
---@return any value nil with a message where the system refuses; also nil for no pending `error`
---@return string? message
---@return integer? errno
function tcp:getoption(name) end

---The address of the other end.
---
---Errors: "Transport endpoint is not connected"
---@return string? address
---@return integer|string port or the message
---@return "inet"|"inet6"|integer|nil family
function tcp:getpeername() end

---Its own address. The port is a number.
---
---Errors: "Bad file descriptor"
---@return string? address
---@return integer|string port or the message
---@return "inet"|"inet6"|integer|nil family
function tcp:getsockname() end

---How much went through it.
---@return integer received bytes that were given to the program
---@return integer sent bytes that the system has taken
---@return number age seconds since it was made
function tcp:getstats() end

---The limits as they were set; -1 where there is none.
---@return number block
---@return number total
function tcp:gettimeout() end

---Makes a master a server.
---
---Errors: "address already in use", "Bad file descriptor"
---@param backlog? integer how many connections may wait for `accept`; 32 without it
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:listen(backlog) end

---Receives until the pattern is fulfilled. When that fails, the third result is what has arrived so far, `prefix`
---included. It has been taken out of the buffer: pass it as the prefix of the next call.
---
---| pattern | gives |
---|---|---|
---| `"*l"`, or none | the next line. The LF goes, and every CR in the line |
---| `"l"` | the next line. The LF goes, and one CR before it |
---| `"L"` | the next line as it came |
---| `"*a"`, `"a"` | all until the other end closes |
---| a number | so many bytes, `prefix` included |
---
---`"l"`, `"L"`, `"a"` and the maximum are additions. Clients only.
---
---Errors: "closed", "timeout", "oversized"
---@param pattern? string|integer `"*l"` without it
---@param prefix? string comes before what is received
---@param maximum? integer more than so many bytes, prefix included, are an error
---@return string? data
---@return string? message
---@return string? partial
function tcp:receive(pattern, prefix, maximum) end

---Receives what is there, at least one byte; waits where there is nothing. Clients only.
---
---Errors: "closed", "timeout"
---@param maximum integer at most so many bytes
---@return string? data
---@return string? message
---@return integer? errno
function tcp:receiveany(maximum) end

---Sends a string, or the part from `i` to `j` of it. After an error, `send(data, last + 1)` goes on where it stopped.
---Clients only.
---
---Errors: "closed", "timeout"
---@param data string
---@param i? integer the first byte, negative from the end; 1 without it
---@param j? integer the last byte; -1 without it
---@return integer? last the index of the last byte that the system has taken
---@return string? message
---@return integer? sent after an error: the index of the last byte that the system has taken
function tcp:send(data, i, j) end

---Takes another descriptor. The present one is not closed; `setfd(-1)` gives it away. From then on SIGPIPE is ignored by
---the process, because the new owner may expect that of LuaSocket.
---@param fd integer
function tcp:setfd(fd) end

---Sets an option; see [the options](#options) below. Before there is a descriptor the option is remembered, and set when it
---is made.
---
---Errors: "setsockopt failed"
---@param name string
---@param value? any
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:setoption(name, value) end

---The same as `connect`.
---
---Errors: "connection refused"
---@param address string
---@param port integer|string
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:setpeername(address, port) end

---The same as `bind`.
---
---Errors: "address already in use"
---@param address string
---@param port integer|string
---@return integer? done 1
---@return string? message
---@return integer? errno
function tcp:setsockname(address, port) end

---Sets the counters of `getstats`.
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer done 1
function tcp:setstats(received, sent, age) end

---Sets a limit in seconds for every call that waits. [Timeouts](../timeouts.md) explains both kinds.
---@param value number? nil or a negative number: no limit; 0: never wait
---@param mode? "b"|"t" `"b"` for each call, `"t"` for the call as a whole where both are set; `"b"` without it
---@return integer done 1
function tcp:settimeout(value, mode) end

---Ends one direction, or both. The other end then sees `"closed"`. Clients only.
---@param how? "receive"|"send"|"both" `"both"` without it
---@return integer done 1, whatever the system says
function tcp:shutdown(how) end

---A UDP object is unconnected when it is made, and connected after `setpeername`. A message goes out and comes in whole.
---`send`, `sendto`, `receive` and `receivefrom` give `nil, message, errno` when they fail.
---@class socket.udp
---@field class "udp{unconnected}"|"udp{connected}" What it is now.
local udp = {}

---Closes the descriptor. What has been received can still be read. May be called again.
---@return integer done 1
function udp:close() end

---Are there bytes in the read buffer? `select` asks this.
---@return boolean dirty
function udp:dirty() end

---Makes an object of the same class on a second descriptor of the same socket, with limits of its own. What is in the
---read buffer stays with the first.
---
---Errors: "Bad file descriptor", "Too many open files"
---@return socket.tcp? twin
---@return string? message
---@return integer? errno
function udp:dup() end

---The family: what it was made for, or what its address is.
---@return "inet4"|"inet6" family
function udp:getfamily() end

---The descriptor, -1 where there is none. It still belongs to the object.
---@return integer fd
function udp:getfd() end

---Reads an option; see [the options](#options) below.
---
---Errors: "getsockopt failed"
---@param name string
---@return any value nil with a message where the system refuses; also nil for no pending `error`
---@return string? message
---@return integer? errno
function udp:getoption(name) end

---The address of the other end.
---
---Errors: "Transport endpoint is not connected"
---@return string? address
---@return integer|string port or the message
---@return "inet"|"inet6"|integer|nil family
function udp:getpeername() end

---Its own address. The port is a number.
---
---Errors: "Bad file descriptor"
---@return string? address
---@return integer|string port or the message
---@return "inet"|"inet6"|integer|nil family
function udp:getsockname() end

---How much went through it.
---@return integer received bytes that were given to the program
---@return integer sent bytes that the system has taken
---@return number age seconds since it was made
function udp:getstats() end

---The limits as they were set; -1 where there is none.
---@return number block
---@return number total
function udp:gettimeout() end

---Takes another descriptor. The present one is not closed; `setfd(-1)` gives it away. From then on SIGPIPE is ignored by
---the process, because the new owner may expect that of LuaSocket.
---@param fd integer
function udp:setfd(fd) end

---Sets an option; see [the options](#options) below. Before there is a descriptor the option is remembered, and set when it
---is made.
---
---Errors: "setsockopt failed"
---@param name string
---@param value? any
---@return integer? done 1
---@return string? message
---@return integer? errno
function udp:setoption(name, value) end

---Sets the counters of `getstats`.
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer done 1
function udp:setstats(received, sent, age) end

---Sets a limit in seconds for every call that waits. [Timeouts](../timeouts.md) explains both kinds.
---@param value number? nil or a negative number: no limit; 0: never wait
---@param mode? "b"|"t" `"b"` for each call, `"t"` for the call as a whole where both are set; `"b"` without it
---@return integer done 1
function udp:settimeout(value, mode) end

---Receives one message. What is longer than `size` is cut off and lost.
---
---Errors: "timeout", "refused", "connection refused"
---@param size? integer 8192 without it
---@return string? data
---@return string? message
---@return integer? errno
function udp:receive(size) end

---Receives one message, and tells where it came from. Unconnected objects only.
---
---Errors: "timeout", "refused"
---@param size? integer 8192 without it
---@return string? data
---@return string? address or the message
---@return integer? port or errno
function udp:receivefrom(size) end

---Sends one message to the peer. Connected objects only.
---
---Errors: "connection refused", "Message too long", "refused"
---@param data string
---@return integer? sent its length
---@return string? message
---@return integer? errno
function udp:send(data) end

---Sends one message to an address. Unconnected objects only. The address and the port are numeric: look names up before.
---
---Errors: "Name or service not known", "Message too long"
---@param data string
---@param address string an IP address
---@param port integer|string a number
---@return integer? sent its length
---@return string? message
---@return integer? errno
function udp:sendto(data, address, port) end

---Connects: it then sends to this address, and receives from it alone. May be called again. `"*"` disconnects.
---
---Errors: "host or service not provided, or not known"
---@param address string an IP address or a name, or `"*"`
---@param port? integer|string needed unless the address is `"*"`
---@return integer? done 1
---@return string? message
---@return integer? errno
function udp:setpeername(address, port) end

---Gives it a local address. Unconnected objects only.
---
---Errors: "address already in use"
---@param address string an IP address or a name; `"*"` is every address
---@param port integer|string 0 takes any that is free
---@return integer? done 1
---@return string? message
---@return integer? errno
function udp:setsockname(address, port) end

return M
