---@meta socket.unix

-- Written by `cargo xtask docs` from docs/reference/luasocket.txt: change that.

---Unix sockets. The module can also be called: that makes a stream object, as `stream` does.
---
---A name is a path of at most 107 bytes. One that begins with a NUL is abstract: it is no file, and is gone when it is
---closed. `close` does not remove a path.
local M = {}

---Makes a stream master.
---
---Errors: "Too many open files"
---@return socket.unixstream? master
---@return string? message
---@return integer? errno
function M.stream() end

---Makes an unconnected datagram object.
---
---Errors: "Too many open files"
---@return socket.unixdgram? object
---@return string? message
---@return integer? errno
function M.dgram() end

---The same as `stream`.
---@return socket.unixstream? master
---@return string? message
---@return integer? errno
function M.tcp() end

---The same as `dgram`.
---@return socket.unixdgram? object
---@return string? message
---@return integer? errno
function M.udp() end

---What makes the module callable: it is its own metatable.
---@param ... any ignored
---@return socket.unixstream? master
function M.__call(...) end

---A Unix stream object has the classes and methods of a TCP object, with a name in the place of address and port.
---@class socket.unixstream
---@field class "unixstream{master}"|"unixstream{client}"|"unixstream{server}" What it is now.
local stream = {}

---Waits for a connection. Servers only.
---
---Errors: "timeout", "closed", "Too many open files"
---@return socket.tcp? client without limits of its own
---@return string? message
---@return integer? errno
function stream:accept() end

---Closes the descriptor. What has been received can still be read. May be called again.
---@return integer done 1
function stream:close() end

---Are there bytes in the read buffer? `select` asks this.
---@return boolean dirty
function stream:dirty() end

---Makes an object of the same class on a second descriptor of the same socket, with limits of its own. What is in the
---read buffer stays with the first.
---
---Errors: "Bad file descriptor", "Too many open files"
---@return socket.tcp? twin
---@return string? message
---@return integer? errno
function stream:dup() end

---The descriptor, -1 where there is none. It still belongs to the object.
---@return integer fd
function stream:getfd() end

---Reads an option; see [the options](#options) below.
---
---Errors: "getsockopt failed"
---@param name string
---@return any value nil with a message where the system refuses; also nil for no pending `error`
---@return string? message
---@return integer? errno
function stream:getoption(name) end

---How much went through it.
---@return integer received bytes that were given to the program
---@return integer sent bytes that the system has taken
---@return number age seconds since it was made
function stream:getstats() end

---The limits as they were set; -1 where there is none.
---@return number block
---@return number total
function stream:gettimeout() end

---Makes a master a server.
---
---Errors: "address already in use", "Bad file descriptor"
---@param backlog? integer how many connections may wait for `accept`; 32 without it
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:listen(backlog) end

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
function stream:receive(pattern, prefix, maximum) end

---Receives what is there, at least one byte; waits where there is nothing. Clients only.
---
---Errors: "closed", "timeout"
---@param maximum integer at most so many bytes
---@return string? data
---@return string? message
---@return integer? errno
function stream:receiveany(maximum) end

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
function stream:send(data, i, j) end

---Takes another descriptor. The present one is not closed; `setfd(-1)` gives it away. From then on SIGPIPE is ignored by
---the process, because the new owner may expect that of LuaSocket.
---@param fd integer
function stream:setfd(fd) end

---Sets an option; see [the options](#options) below. Before there is a descriptor the option is remembered, and set when it
---is made.
---
---Errors: "setsockopt failed"
---@param name string
---@param value? any
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:setoption(name, value) end

---Sets the counters of `getstats`.
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer done 1
function stream:setstats(received, sent, age) end

---Sets a limit in seconds for every call that waits. [Timeouts](../timeouts.md) explains both kinds.
---@param value number? nil or a negative number: no limit; 0: never wait
---@param mode? "b"|"t" `"b"` for each call, `"t"` for the call as a whole where both are set; `"b"` without it
---@return integer done 1
function stream:settimeout(value, mode) end

---Ends one direction, or both. The other end then sees `"closed"`. Clients only.
---@param how? "receive"|"send"|"both" `"both"` without it
---@return integer done 1, whatever the system says
function stream:shutdown(how) end

---Gives it a name. Masters only.
---
---Errors: "address already in use", "path too long"
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:bind(path) end

---Connects. Masters only; the object stays usable when it fails.
---
---Errors: "No such file or directory", "connection refused", "timeout"
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:connect(path) end

---Which process was at the other end when it connected. Clients only.
---
---Errors: "Transport endpoint is not connected"
---@return integer? pid
---@return integer|string uid or the message
---@return integer? gid or errno
function stream:getpeercred() end

---The name of the other end; empty where it has none.
---
---Errors: "Transport endpoint is not connected"
---@return string? path
---@return string? message
---@return integer? errno
function stream:getpeername() end

---Its own name; empty where it has none.
---
---Errors: "Bad file descriptor"
---@return string? path
---@return string? message
---@return integer? errno
function stream:getsockname() end

---The same as `connect`.
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:setpeername(path) end

---The same as `bind`.
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function stream:setsockname(path) end

---A Unix datagram object has the classes and methods of a UDP object, with a name in the place of address and port.
---@class socket.unixdgram
---@field class "unixdgram{unconnected}"|"unixdgram{connected}" What it is now.
local dgram = {}

---Closes the descriptor. What has been received can still be read. May be called again.
---@return integer done 1
function dgram:close() end

---Are there bytes in the read buffer? `select` asks this.
---@return boolean dirty
function dgram:dirty() end

---Makes an object of the same class on a second descriptor of the same socket, with limits of its own. What is in the
---read buffer stays with the first.
---
---Errors: "Bad file descriptor", "Too many open files"
---@return socket.tcp? twin
---@return string? message
---@return integer? errno
function dgram:dup() end

---The descriptor, -1 where there is none. It still belongs to the object.
---@return integer fd
function dgram:getfd() end

---Reads an option; see [the options](#options) below.
---
---Errors: "getsockopt failed"
---@param name string
---@return any value nil with a message where the system refuses; also nil for no pending `error`
---@return string? message
---@return integer? errno
function dgram:getoption(name) end

---How much went through it.
---@return integer received bytes that were given to the program
---@return integer sent bytes that the system has taken
---@return number age seconds since it was made
function dgram:getstats() end

---The limits as they were set; -1 where there is none.
---@return number block
---@return number total
function dgram:gettimeout() end

---Receives one message. What is longer than `size` is cut off and lost.
---
---Errors: "timeout", "refused", "connection refused"
---@param size? integer 8192 without it
---@return string? data
---@return string? message
---@return integer? errno
function dgram:receive(size) end

---Sends one message to the peer. Connected objects only.
---
---Errors: "connection refused", "Message too long", "refused"
---@param data string
---@return integer? sent its length
---@return string? message
---@return integer? errno
function dgram:send(data) end

---Takes another descriptor. The present one is not closed; `setfd(-1)` gives it away. From then on SIGPIPE is ignored by
---the process, because the new owner may expect that of LuaSocket.
---@param fd integer
function dgram:setfd(fd) end

---Sets an option; see [the options](#options) below. Before there is a descriptor the option is remembered, and set when it
---is made.
---
---Errors: "setsockopt failed"
---@param name string
---@param value? any
---@return integer? done 1
---@return string? message
---@return integer? errno
function dgram:setoption(name, value) end

---Sets the counters of `getstats`.
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer done 1
function dgram:setstats(received, sent, age) end

---Sets a limit in seconds for every call that waits. [Timeouts](../timeouts.md) explains both kinds.
---@param value number? nil or a negative number: no limit; 0: never wait
---@param mode? "b"|"t" `"b"` for each call, `"t"` for the call as a whole where both are set; `"b"` without it
---@return integer done 1
function dgram:settimeout(value, mode) end

---The name of the other end; empty where it has none.
---
---Errors: "Transport endpoint is not connected"
---@return string? path
---@return string? message
---@return integer? errno
function dgram:getpeername() end

---Its own name; empty where it has none.
---
---Errors: "Bad file descriptor"
---@return string? path
---@return string? message
---@return integer? errno
function dgram:getsockname() end

---Gives it a name, to which others can send. Unconnected objects only.
---
---Errors: "address already in use", "path too long"
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function dgram:bind(path) end

---Connects: it then sends to this name alone.
---
---Errors: "No such file or directory", "connection refused"
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function dgram:connect(path) end

---Receives one message, and tells where it came from. Unconnected objects only.
---
---Errors: "timeout"
---@param size? integer 8192 without it
---@return string? data
---@return string? path empty for a sender without a name; or the message
---@return integer? errno
function dgram:receivefrom(size) end

---Sends one message to a name. Waits while the receiver's queue is full. Unconnected objects only.
---
---Errors: "No such file or directory", "timeout"
---@param data string
---@param path string
---@return integer? sent its length
---@return string? message
---@return integer? errno
function dgram:sendto(data, path) end

---The same as `connect`.
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function dgram:setpeername(path) end

---The same as `bind`.
---@param path string
---@return integer? done 1
---@return string? message
---@return integer? errno
function dgram:setsockname(path) end

return M
