---@meta socket.serial

-- Written by `cargo xtask docs` from docs/reference/luasocket.txt: change that.

---Serial lines. The module is a function.
local M = {}

---Opens a terminal or a FIFO as a stream. Its speed and mode stay as they are: `stty` sets them.
---
---Errors: "No such file or directory"
---@param path string
---@return socket.serial? line
---@return string? message
---@return integer? errno
function M.serial(path) end

---A serial line. It is read and written like a TCP client.
---@class socket.serial
---@field class "serial{client}" What it is.
local serial = {}

---Closes the descriptor. What has been received can still be read. May be called again.
---@return integer done 1
function serial:close() end

---Are there bytes in the read buffer? `select` asks this.
---@return boolean dirty
function serial:dirty() end

---The descriptor, -1 where there is none. It still belongs to the object.
---@return integer fd
function serial:getfd() end

---How much went through it.
---@return integer received bytes that were given to the program
---@return integer sent bytes that the system has taken
---@return number age seconds since it was made
function serial:getstats() end

---The limits as they were set; -1 where there is none.
---@return number block
---@return number total
function serial:gettimeout() end

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
function serial:receive(pattern, prefix, maximum) end

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
function serial:send(data, i, j) end

---Takes another descriptor. The present one is not closed; `setfd(-1)` gives it away. From then on SIGPIPE is ignored by
---the process, because the new owner may expect that of LuaSocket.
---@param fd integer
function serial:setfd(fd) end

---Sets the counters of `getstats`.
---@param received? integer
---@param sent? integer
---@param age? number
---@return integer done 1
function serial:setstats(received, sent, age) end

---Sets a limit in seconds for every call that waits. [Timeouts](../timeouts.md) explains both kinds.
---@param value number? nil or a negative number: no limit; 0: never wait
---@param mode? "b"|"t" `"b"` for each call, `"t"` for the call as a whole where both are set; `"b"` without it
---@return integer done 1
function serial:settimeout(value, mode) end

return M.serial
