---@meta nixio

-- Written by `cargo xtask docs` from docs/reference/nixio.txt: change that.

---On Lua 5.1 and LuaJIT it is also the global `nixio`, as the original is.
local M = {}

---Makes a socket.
---
---Errors: 93, 1
---@param domain "inet"|"inet6"|"unix"
---@param type "stream"|"dgram"|"raw"
---@param protocol? "icmp"|"icmpv6"
---@return nixio.socket? socket
---@return integer? number
---@return string? message
function M.socket(domain, type, protocol) end

---Makes a socket that is bound to the first address of a name that will do, with `reuseaddr` set. It does not listen yet.
---
---Errors: 98, 99, -2, -8
---@param host string? an IP address or a name; nil is every address of this machine
---@param port integer|string a number or the name of a service; 0 takes any that is free
---@param family? "any"|"inet"|"inet6" `"any"` without it
---@param type? "stream"|"dgram"|"any" `"stream"` without it
---@return nixio.socket? socket
---@return integer? number
---@return string? message
function M.bind(host, port, family, type) end

---Makes a socket that is connected. All addresses of a name are tried.
---
---Errors: 111, -2
---@param host string? an IP address or a name; nil is this machine
---@param port integer|string a number or the name of a service
---@param family? "any"|"inet"|"inet6" `"any"` without it
---@param type? "stream"|"dgram"|"any" `"stream"` without it
---@return nixio.socket? socket
---@return integer? number
---@return string? message
function M.connect(host, port, family, type) end

---All addresses of a name. With a port each entry also has `port` and `socktype`, one entry per type.
---
---Errors: -2, -8, -3
---@param host string? nil needs a port
---@param family? "any"|"inet"|"inet6"
---@param port? integer|string
---@return nixio.address[]? addresses
---@return integer? number
---@return string? message
function M.getaddrinfo(host, family, port) end

---The network interfaces of this machine: a table for each address of each of them.
---@return nixio.interface[]? interfaces
---@return integer? number
---@return string? message
function M.getifaddrs() end

---The name of a numeric address.
---
---Errors: -2, -3, -6
---@param address string
---@param family? "any"|"inet"|"inet6"
---@param milliseconds? number a limit, as OpenWrt's nixio has it; 0 is none
---@return string? name
---@return integer? number
---@return string? message
function M.getnameinfo(address, family, milliseconds) end

---Waits until one of many is ready. Each entry is a table with `fd`, which is a socket, a file of Lua's or anything with a
---`getfd`, and `events`, a number of `poll_flags`. Entries get `revents`. Without entries it sleeps, and gives 0.
---@param fds nixio.pollfd[]?
---@param milliseconds? number 0 without it; negative waits for as long as it takes
---@return integer|false|nil count how many are ready; false when the time is up
---@return nixio.pollfd[]|integer|nil fds the same list; or the number of an error
---@return string? message
function M.poll(fds, milliseconds) end

---Turns words into a number, or a number into a table with `true` for each word.
---@param ... "in"|"out"|"pri"|"err"|"hup"|"nval"|integer
---@return integer|table flags
function M.poll_flags(...) end

---Waits. It is never early. In a fiber only that fiber waits.
---
---Errors: 22
---@param seconds? integer
---@param nanoseconds? integer less than 1000000000
---@return boolean? done true
---@return integer? number
---@return string? message
function M.nanosleep(seconds, nanoseconds) end

---The time of day.
---@return integer seconds since 1970
---@return integer microseconds
function M.gettimeofday() end

---The number of the last call of nixio's that failed.
---@return integer number
function M.errno() end

---What a number of an error means.
---@param number integer
---@return string message
function M.strerror(number) end

---The system's names.
---@return nixio.system? names
---@return integer? number
---@return string? message
function M.uname() end

---`0.4.1` and, in parentheses, moonsocket's version.
---@type string
M.version = nil

---The same table as `const`.
---@type table
M.const_sock = nil

---The sockets' metatable and the table of their methods. Methods that are put into it are every socket's.
---@type table
M.meta_socket = nil

---Empty: there are no files. Programs look for it all the same.
---@type table
M.meta_file = nil

---What `require "nixio.util"` gives.
---@type table
M.util = nil

---Numbers of errors, signals, poll's flags and the resolver's errors, and three more.
M.const = {}

---The most that one call receives: 8192.
---@type integer
M.const.buffersize = nil

---What separates the parts of a path: `/`.
---@type string
M.const.sep = nil

---What separates paths in a list: `:`.
---@type string
M.const.pathsep = nil

---Numbers of the system's errors.
---@type integer
M.const.EACCES = nil

---@type integer
M.const.EADDRINUSE = nil

---@type integer
M.const.EADDRNOTAVAIL = nil

---@type integer
M.const.EAFNOSUPPORT = nil

---@type integer
M.const.EAGAIN = nil

---@type integer
M.const.EALREADY = nil

---@type integer
M.const.EBADF = nil

---@type integer
M.const.EBUSY = nil

---@type integer
M.const.ECANCELED = nil

---@type integer
M.const.ECHILD = nil

---@type integer
M.const.ECONNABORTED = nil

---@type integer
M.const.ECONNREFUSED = nil

---@type integer
M.const.ECONNRESET = nil

---@type integer
M.const.EDESTADDRREQ = nil

---@type integer
M.const.EDOM = nil

---@type integer
M.const.EEXIST = nil

---@type integer
M.const.EFAULT = nil

---@type integer
M.const.EFBIG = nil

---@type integer
M.const.EHOSTUNREACH = nil

---@type integer
M.const.EINPROGRESS = nil

---@type integer
M.const.EINTR = nil

---@type integer
M.const.EINVAL = nil

---@type integer
M.const.EIO = nil

---@type integer
M.const.EISCONN = nil

---@type integer
M.const.EISDIR = nil

---@type integer
M.const.ELOOP = nil

---@type integer
M.const.EMFILE = nil

---@type integer
M.const.EMSGSIZE = nil

---@type integer
M.const.ENAMETOOLONG = nil

---@type integer
M.const.ENETDOWN = nil

---@type integer
M.const.ENETRESET = nil

---@type integer
M.const.ENETUNREACH = nil

---@type integer
M.const.ENFILE = nil

---@type integer
M.const.ENOBUFS = nil

---@type integer
M.const.ENODEV = nil

---@type integer
M.const.ENOENT = nil

---@type integer
M.const.ENOMEM = nil

---@type integer
M.const.ENOPROTOOPT = nil

---@type integer
M.const.ENOSPC = nil

---@type integer
M.const.ENOSYS = nil

---@type integer
M.const.ENOTCONN = nil

---@type integer
M.const.ENOTDIR = nil

---@type integer
M.const.ENOTSOCK = nil

---@type integer
M.const.ENOTSUP = nil

---@type integer
M.const.ENXIO = nil

---@type integer
M.const.EOPNOTSUPP = nil

---@type integer
M.const.EOVERFLOW = nil

---@type integer
M.const.EPERM = nil

---@type integer
M.const.EPIPE = nil

---@type integer
M.const.EPROTO = nil

---@type integer
M.const.EPROTONOSUPPORT = nil

---@type integer
M.const.EPROTOTYPE = nil

---@type integer
M.const.ERANGE = nil

---@type integer
M.const.EROFS = nil

---@type integer
M.const.ESPIPE = nil

---@type integer
M.const.ESRCH = nil

---@type integer
M.const.ETIMEDOUT = nil

---@type integer
M.const.ETXTBSY = nil

---@type integer
M.const.EWOULDBLOCK = nil

---@type integer
M.const.EXDEV = nil

---Numbers of the resolver's errors.
---@type integer
M.const.EAI_AGAIN = nil

---@type integer
M.const.EAI_BADFLAGS = nil

---@type integer
M.const.EAI_FAIL = nil

---@type integer
M.const.EAI_FAMILY = nil

---@type integer
M.const.EAI_MEMORY = nil

---@type integer
M.const.EAI_NONAME = nil

---@type integer
M.const.EAI_OVERFLOW = nil

---@type integer
M.const.EAI_SERVICE = nil

---@type integer
M.const.EAI_SOCKTYPE = nil

---@type integer
M.const.EAI_SYSTEM = nil

---Poll's flags.
---@type integer
M.const.POLLERR = nil

---@type integer
M.const.POLLHUP = nil

---@type integer
M.const.POLLIN = nil

---@type integer
M.const.POLLNVAL = nil

---@type integer
M.const.POLLOUT = nil

---@type integer
M.const.POLLPRI = nil

---Numbers of signals.
---@type integer
M.const.SIGALRM = nil

---@type integer
M.const.SIGCHLD = nil

---@type integer
M.const.SIGCONT = nil

---@type integer
M.const.SIGHUP = nil

---@type integer
M.const.SIGINT = nil

---@type integer
M.const.SIGIO = nil

---@type integer
M.const.SIGKILL = nil

---@type integer
M.const.SIGPIPE = nil

---@type integer
M.const.SIGQUIT = nil

---@type integer
M.const.SIGSEGV = nil

---@type integer
M.const.SIGSTOP = nil

---@type integer
M.const.SIGTERM = nil

---@type integer
M.const.SIGURG = nil

---@type integer
M.const.SIGUSR1 = nil

---@type integer
M.const.SIGUSR2 = nil

---@class nixio.address
---@field family "inet"|"inet6"
---@field address string
---@field port? integer only if a port was asked for
---@field socktype? "stream"|"dgram"|"raw" only if a port was asked for

---@class nixio.interface
---@field name string such as `eth0`
---@field flags table<string,boolean> `up`, `broadcast`, `loopback`, `pointtopoint`, `noarp`, `promisc`, `multicast`
---@field family? "inet"|"inet6"|"packet"|"unknown" `"packet"` is the hardware's; absent where the interface has no address
---@field addr? string an IP address, or the hardware's: `02:00:00:00:00:01`
---@field netmask? string
---@field prefix? integer how many bits of the address are the network's
---@field broadaddr? string the broadcast address or, of a point-to-point link, the address at the other end
---@field dstaddr? string the same
---@field ifindex? integer the interface's number; only with `"packet"`
---@field hatype? integer the kind of hardware; only with `"packet"`
---@field data table<string,integer> with `"packet"` what was transferred, counted in 32 bits: `rx_packets`, `tx_packets`, `rx_bytes`, `tx_bytes`, `rx_errors`, `tx_errors`, `rx_dropped`, `tx_dropped`, `multicast`, `collisions`

---@class nixio.pollfd
---@field fd nixio.socket|file*|table what is to be polled
---@field events integer what it is polled for
---@field revents? integer what it is ready for

---@class nixio.system
---@field sysname string
---@field nodename string the machine's name
---@field release string
---@field version string
---@field machine string

---A socket of any family. `tostring` gives `nixio socket` and the descriptor. An object that is collected closes its
---descriptor. The methods from [blocksource](#socketblocksource) on come with `require "nixio.util"`.
---@class nixio.socket
local socket = {}

---Waits for a connection. The option `rcvtimeo` of the listening socket is its limit.
---
---Errors: 11, 22
---@return nixio.socket|false|nil socket
---@return string|integer|nil host the address of the other end, or its path; or the number of an error
---@return integer|string|nil port or the message
function socket:accept() end

---Gives it a local address. `reuseaddr` stays as it is, and it does not listen.
---
---Errors: 98, 22
---@param host string? an IP address or a name, nil for every address; of a Unix socket its path
---@param port? integer|string not for Unix sockets
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:bind(host, port) end

---Closes the descriptor. Every later call raises.
---@return boolean done true
function socket:close() end

---Connects. If it must not block, `nil, 115` says that the connect is under way; `getopt("socket", "error")` tells its end.
---
---Errors: 111, 106, 115, 11
---@param host string? an IP address or a name, nil for this machine; of a Unix socket a path
---@param port? integer|string not for Unix sockets
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:connect(host, port) end

---The descriptor. As a function, `socket.fileno(file)`, it also takes Lua's files.
---@return integer fd
function socket:fileno() end

---The same as `fileno`.
---@return integer fd
function socket:getfd() end

---Reads an option; see [the options](#options) below.
---@param level "socket"|"tcp"|"ip"|"ipv6"
---@param option string
---@return any value
---@return integer|string|nil more a second value, or the number of an error
---@return string? message
function socket:getopt(level, option) end

---Sets an option; see [the options](#options) below.
---@param level "socket"|"tcp"|"ip"|"ipv6"
---@param option string
---@param value any
---@param value2? any
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:setopt(level, option, value, value2) end

---The same as `getopt`.
---@param level "socket"|"tcp"|"ip"|"ipv6"
---@param option string
---@return any value
---@return integer|string|nil more
---@return string? message
function socket:getsockopt(level, option) end

---The same as `setopt`.
---@param level "socket"|"tcp"|"ip"|"ipv6"
---@param option string
---@param value any
---@param value2? any
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:setsockopt(level, option, value, value2) end

---The address of the other end.
---
---Errors: 107
---@return string? host or a path
---@return integer? port or the number of an error
---@return string? message
function socket:getpeername() end

---Its own address.
---@return string? host or a path
---@return integer? port or the number of an error
---@return string? message
function socket:getsockname() end

---Makes it listen.
---
---Errors: 95
---@param backlog integer how many connections may wait for `accept`
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:listen(backlog) end

---Receives what is there, at most `length` and 8192 bytes; `""` at the end of a stream. Of a datagram socket the next
---message.
---
---Errors: 11, 104
---@param length integer
---@return string|false|nil data
---@return integer? number
---@return string? message
function socket:recv(length) end

---The same as `recv`.
---@param length integer
---@return string|false|nil data
---@return integer? number
---@return string? message
function socket:read(length) end

---As `recv`, and tells where it came from.
---
---Errors: 11
---@param length integer
---@return string|false|nil data
---@return string|integer|nil host or a path; or the number of an error
---@return integer|string|nil port or the message
function socket:recvfrom(length) end

---Sends a string, or a part of it. A stream that may block sends all of it.
---
---Errors: 9, 11, 32
---@param data string
---@param offset? integer counts from 0
---@param length? integer the rest without it
---@return integer|false|nil sent
---@return integer? number
---@return string? message
---@return integer? before how much was sent before another fiber closed it
function socket:send(data, offset, length) end

---The same as `send`.
---@param data string
---@param offset? integer
---@param length? integer
---@return integer|false|nil sent
---@return integer? number
---@return string? message
---@return integer? before
function socket:write(data, offset, length) end

---Sends a message to an address, which is numeric. For a Unix socket `host` is a path and `port` is ignored.
---
---Errors: 22, 90
---@param data string
---@param host string
---@param port integer?
---@param offset? integer counts from 0
---@param length? integer
---@return integer|false|nil sent
---@return integer? number
---@return string? message
function socket:sendto(data, host, port, offset, length) end

---May its calls wait? They may from the start.
---@param flag any true or false, as Lua has it: 0 is true
---@return boolean done true
function socket:setblocking(flag) end

---Ends one direction, or both.
---
---Errors: 107
---@param how? "rd"|"read"|"wr"|"write"|"rdwr"|"both" `"rdwr"` without it
---@return boolean? done true
---@return integer? number
---@return string? message
function socket:shutdown(how) end

---An iterator over what comes, in pieces of at most `size` bytes. It ends with nil; after an error it gives `nil, number,
---message`.
---@param size? integer 8192 without it
---@param limit? integer how much in all
---@return fun():string?,integer?,string? source
function socket:blocksource(size, limit) end

---Sends what comes to another socket, all of it or `size` bytes.
---@param out nixio.socket
---@param size? integer
---@return integer? count
---@return integer? number
---@return string? message
---@return integer? copied after an error too: how much was sent
function socket:copy(out, size) end

---The same as `copy`.
---@param out nixio.socket
---@param size? integer
---@return integer? count
---@return integer? number
---@return string? message
---@return integer? copied
function socket:copyz(out, size) end

---@return boolean answer false
function socket:is_file() end

---@return boolean answer true
function socket:is_socket() end

---@return boolean answer false
function socket:is_tls_socket() end

---An iterator over lines, without the LF or CRLF at their end. What follows the last LF stays in its buffer: called with
---`true`, it gives that and goes on without; called with a string, it also takes that as its new buffer.
---@param limit? integer the longest line with its end, 8192 without it; `nil, 0` for a longer one
---@return fun(flush?:boolean|string):string?,integer?,string? source
function socket:linesource(limit) end

---Receives `length` bytes, or all; less where the stream ends before.
---@param length? integer
---@return string? data
---@return integer? number
---@return string? message
---@return string? partial what has come, after an error too
function socket:readall(length) end

---The same as `readall`.
---@param length? integer
---@return string? data
---@return integer? number
---@return string? message
---@return string? partial
function socket:recvall(length) end

---A function that sends the chunks that it is called with. Nil ends it.
---@param close? boolean true: nil also closes the socket
---@return fun(chunk?:string,err?:any):any sink
function socket:sink(close) end

---Sends all.
---@param data any what `tostring` makes of it
---@return integer? count
---@return integer? number
---@return string? message
---@return integer? sent after an error too: how much was sent
function socket:writeall(data) end

---The same as `writeall`.
---@param data any
---@return integer? count
---@return integer? number
---@return string? message
---@return integer? sent
function socket:sendall(data) end

return M
