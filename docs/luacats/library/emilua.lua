---@meta emilua

-- Written by `cargo xtask docs` from docs/reference/emilua.txt: change that.

local M = {}

---Calls a function as the main fiber, and lets the others end. The names `pcall`, `xpcall` and those of `coroutine` are
---Emilua's meanwhile, so that fibers can wait in them.
---
---Errors: "deadlock"
---@param main function
---@return boolean? ended true when all fibers have ended
---@return any error what the main fiber raised, which ends the others at once
function M.run(main) end

---Runs a script as the main fiber, with the names of `globals`. The interpreter's option `-m emilua` calls it. It raises
---what the script raises.
---@param chunk function
---@param ... any its arguments
function M.main(chunk, ...) end

---Makes a fiber. It begins when the present one waits.
---@param f function
---@return emilua.fiber fiber
function M.spawn(f) end

---The same as `time.sleep`.
---@param seconds number
function M.sleep(seconds) end

---The same as `time.sleep`, as Emilua called it before 0.4.
---@param seconds number
function M.sleep_for(seconds) end

---As Lua's. It is a scope and a point of interruption, and a fiber can wait in it, in Lua 5.1 too.
---@param f function
---@param ... any
---@return boolean ok
---@return any ... results or the error
function M.pcall(f, ...) end

---As Lua's, and like `pcall`.
---@param f function
---@param handler function
---@param ... any
---@return boolean ok
---@return any ... results or what the handler gives
function M.xpcall(f, handler, ...) end

---Calls a function; what it pushes with `scope_cleanup_push` is done at its end, however it ends.
---@param f function
---@return any ... results
function M.scope(f) end

---Has something done at the end of the present scope: a fiber or another coroutine, a `pcall` or a `scope`. The last one is
---done first, and none is interrupted. What a coroutine has pushed is done when `coroutine.resume` has seen it end.
---@param f function
function M.scope_cleanup_push(f) end

---Takes back the last one that was pushed.
---@param execute? boolean false: it is not done
function M.scope_cleanup_pop(execute) end

---Makes what Emilua programs expect: the globals `byte_span`, `scope`, `scope_cleanup_pop`, `scope_cleanup_push`, `spawn`
---and `this_fiber`, and the modules `asio_error`, `byte_span`, `generic_error`, `ip`, `stream` and `time`.
---@return table emilua
function M.globals() end

---`Emilua 0.4`.
---@type string
M._VERSION = nil

---Errors of the category `generic` by name, such as `generic_error.EINVAL`. Each is a new value.
---@type table
M.generic_error = nil

---Errors of the category `system` by name. Each is a new value.
---@type table
M.system_error = nil

---The categories by name.
---@type table<string,emilua.category>
M.error_category = nil

---Errors by the names of Asio. Each is a new value.
M.asio_error = {}

---`addrinfo.service_not_found`, `addrinfo.socket_type_not_supported`.
---@type table
M.asio_error.addrinfo = nil

---Of the category `system`, such as `basic.operation_aborted`.
---@type table
M.asio_error.basic = nil

---`misc.already_open`, `misc.eof`, `misc.fd_set_failure`, `misc.not_found`.
---@type table
M.asio_error.misc = nil

---`netdb.host_not_found`, `netdb.host_not_found_try_again`, `netdb.no_recovery`, `netdb.no_data`.
---@type table
M.asio_error.netdb = nil

---Lua's `coroutine` for fibers: a call that waits in a coroutine suspends the whole fiber. While `run` runs, the global
---`coroutine` has these functions. `resume` is a point of interruption; `running` gives nil in a fiber that is in no
---coroutine of the program's; `yield` there raises `emilua.core` 9.
M.coroutine = {}

---As Lua's. `close` and `isyieldable` are there if Lua has them.
---@type function
M.coroutine.close = nil

---@type function
M.coroutine.create = nil

---@type function
M.coroutine.isyieldable = nil

---@type function
M.coroutine.resume = nil

---@type function
M.coroutine.running = nil

---@type function
M.coroutine.status = nil

---@type function
M.coroutine.wrap = nil

---@type function
M.coroutine.yield = nil

---The fiber that runs.
M.this_fiber = {}

---Lets the others run.
function M.this_fiber.yield() end

---From here on the fiber is not interrupted. Calls are counted.
function M.this_fiber.disable_interruption() end

---Takes one `disable_interruption` back.
function M.this_fiber.restore_interruption() end

---From here on a call that would wait raises an error. Calls are counted.
function M.this_fiber.forbid_suspend() end

---Takes one `forbid_suspend` back.
function M.this_fiber.allow_suspend() end

---Is it the main fiber?
---@type boolean
M.this_fiber.is_main = nil

---A text that no other fiber has.
---@type string
M.this_fiber.id = nil

---A table of this fiber's own; nil outside of fibers.
---@type table?
M.this_fiber.local_ = nil

---What `spawn` gives. A fiber whose handle is collected, at the latest when the program ends, is detached. An error in a
---detached fiber is told on stderr.
---@class emilua.fiber
---@field joinable boolean Can it be joined?
---@field interruption_caught boolean After `join`: did it end because it was interrupted?
local fiber = {}

---Waits for its end.
---@return any ... what its function returned; nothing if it was interrupted
function fiber:join() end

---Lets it run by itself.
function fiber:detach() end

---Ends its wait, and every later one, with the error `Fiber interrupted`.
function fiber:interrupt() end

---Time.
M.time = {}

---Waits. It is never early.
---@param seconds number with fractions
function M.time.sleep(seconds) end

---The clock that timers go by.
M.time.steady_clock = {}

---@return number seconds since some moment in the past
function M.time.steady_clock.now() end

---Makes timers.
M.time.steady_timer = {}

---@return emilua.steady_timer timer it has expired
function M.time.steady_timer.new() end

---What `time.steady_timer.new` makes.
---@class emilua.steady_timer
---@field expiry number When it expires, on the steady clock.
local timer = {}

---Ends all waits with `Operation canceled`.
---@return integer count how many there were
function timer:cancel() end

---Sets it to a time from now on, and ends all waits.
---@param seconds number
---@return integer count how many waits there were
function timer:expires_after(seconds) end

---Sets it to a moment of the steady clock, and ends all waits.
---@param moment number
---@return integer count how many waits there were
function timer:expires_at(moment) end

---Waits until it expires.
function timer:wait() end

---Makes spans.
M.byte_span = {}

---A span of zeroes.
---@param length integer
---@param capacity? integer how far slices of it may reach; `length` without it
---@return emilua.span span
function M.byte_span.new(length, capacity) end

---A new span of the bytes of strings and spans. Nil is passed over.
---@param ... string|emilua.span|nil
---@return emilua.span span
function M.byte_span.append(...) end

---Bytes in memory, which slices share. `#span` is its length, `span[i]` a byte from 0 to 255, `tostring(span)` a string of
---them. Spans with the same bytes are equal.
---@class emilua.span
---@field capacity integer How far slices may reach.
local span = {}

---A part of it, in the same memory. It may reach up to the capacity.
---@param first? integer 1 without it
---@param last? integer the last byte without it
---@return emilua.span slice
function span:slice(first, last) end

---Copies bytes into it, as many as fit.
---@param source string|emilua.span
---@return integer count
function span:copy(source) end

---A span of its bytes and more; in its memory if the capacity reaches.
---@param ... string|emilua.span|nil
---@return emilua.span span
function span:append(...) end

---@param what string|emilua.span
---@return boolean answer
function span:starts_with(what) end

---@param what string|emilua.span
---@return boolean answer
function span:ends_with(what) end

---Where bytes begin.
---@param what string|emilua.span
---@param from? integer
---@return integer? position
function span:find(what, from) end

---Where bytes begin for the last time.
---@param what string|emilua.span
---@param from? integer where it begins at the latest; 0 finds nothing
---@return integer? position
function span:rfind(what, from) end

---Where the first byte of a set is.
---@param set string|emilua.span
---@param from? integer
---@return integer? position
function span:find_first_of(set, from) end

---Where the last byte of a set is.
---@param set string|emilua.span
---@param from? integer
---@return integer? position
function span:find_last_of(set, from) end

---Where the first other byte is.
---@param set string|emilua.span
---@param from? integer
---@return integer? position
function span:find_first_not_of(set, from) end

---Where the last other byte is.
---@param set string|emilua.span
---@param from? integer
---@return integer? position
function span:find_last_not_of(set, from) end

---A slice without the bytes of a set at both ends.
---@param set? string|emilua.span blanks of all kinds without it
---@return emilua.span slice
function span:trimmed(set) end

---Reads and writes more than a single call does. Anything with `read_some` and `write_some` will do.
M.stream = {}

---Writes everything.
---@param stream emilua.tcp_socket
---@param data string|emilua.span
---@return integer size
function M.stream.write_all(stream, data) end

---Writes at least so many bytes.
---@param stream emilua.tcp_socket
---@param data string|emilua.span
---@param count integer
---@return integer written
function M.stream.write_at_least(stream, data, count) end

---Fills a span.
---@param stream emilua.tcp_socket
---@param span emilua.span
---@return integer size
function M.stream.read_all(stream, span) end

---Reads at least so many bytes into a span.
---@param stream emilua.tcp_socket
---@param span emilua.span
---@param count integer
---@return integer read
function M.stream.read_at_least(stream, span, count) end

---Addresses, sockets and names.
M.ip = {}

---`do_not_route`, `end_of_record`, `out_of_band`, `peek`. Calls also take a list of these names.
---@type table<string,integer>
M.ip.message_flag = nil

---`passive`, `canonical_name`, `numeric_host`, `numeric_service`, `v4_mapped`, `all_matching`, `address_configured`.
---@type table<string,integer>
M.ip.address_info_flag = nil

---An address and a port as a text.
---@param address emilua.address
---@param port? integer
---@return string text
function M.ip.tostring(address, port) end

---The reverse of `tostring`.
---@param text string
---@return emilua.address address
---@return integer port
function M.ip.toendpoint(text) end

---The name of this machine.
---@return string name
function M.ip.host_name() end

---Connects to the first of a list of addresses that answers.
---@param socket emilua.tcp_socket|emilua.udp_socket
---@param list emilua.found[] as `get_address_info` gives it
---@param condition? fun(error:emilua.error?,address:emilua.address,port:integer):boolean which addresses may be tried
---@return emilua.address address
---@return integer port
function M.ip.connect(socket, list, condition) end

---Makes addresses.
M.ip.address = {}

---@param text? string `0.0.0.0` without it
---@return emilua.address address
function M.ip.address.new(text) end

---The address `0.0.0.0`.
---@return emilua.address address
function M.ip.address.any_v4() end

---The address `::`.
---@return emilua.address address
function M.ip.address.any_v6() end

---The address `255.255.255.255`.
---@return emilua.address address
function M.ip.address.broadcast_v4() end

---The address `127.0.0.1`.
---@return emilua.address address
function M.ip.address.loopback_v4() end

---The address `::1`.
---@return emilua.address address
function M.ip.address.loopback_v6() end

---Streams.
M.ip.tcp = {}

---All addresses of a name.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.tcp.get_address_info(host, service, flags) end

---Its IPv4 addresses.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.tcp.get_address_v4_info(host, service, flags) end

---Its IPv6 addresses.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.tcp.get_address_v6_info(host, service, flags) end

---A socket that is connected. One text may have both: `"host:service"`. It is from a later Emilua.
---@param host string|emilua.address
---@param service? string|integer
---@return emilua.tcp_socket socket
function M.ip.tcp.dial(host, service) end

---An acceptor that listens, with `reuse_address` set. Without a host, `":80"`, it listens everywhere. It is from a later
---Emilua.
---@param host string|emilua.address
---@param service? string|integer
---@return emilua.tcp_acceptor acceptor
function M.ip.tcp.listen(host, service) end

---Makes sockets.
M.ip.tcp.socket = {}

---@return emilua.tcp_socket socket it is closed
function M.ip.tcp.socket.new() end

---Makes acceptors.
M.ip.tcp.acceptor = {}

---@return emilua.tcp_acceptor acceptor it is closed
function M.ip.tcp.acceptor.new() end

---Messages.
M.ip.udp = {}

---All addresses of a name.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.udp.get_address_info(host, service, flags) end

---Its IPv4 addresses.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.udp.get_address_v4_info(host, service, flags) end

---Its IPv6 addresses.
---@param host string|emilua.address
---@param service string|integer the name of a service or a port
---@param flags? integer of `ip.address_info_flag`
---@return emilua.found[] list
function M.ip.udp.get_address_v6_info(host, service, flags) end

---A socket with a peer. It is from a later Emilua.
---@param host string|emilua.address
---@param service? string|integer
---@return emilua.udp_socket socket
function M.ip.udp.dial(host, service) end

---Makes sockets.
M.ip.udp.socket = {}

---@return emilua.udp_socket socket it is closed
function M.ip.udp.socket.new() end

---@class emilua.found
---@field address emilua.address
---@field port integer
---@field canonical_name? string only if it was asked for

---An IP address. `tostring` shows it; addresses compare with `==`, `<` and `<=`.
---@class emilua.address
---@field is_v4 boolean
---@field is_v6 boolean
---@field is_loopback boolean
---@field is_multicast boolean
---@field is_unspecified boolean
---@field is_link_local boolean IPv6 only, as all below: of IPv4 reading it raises.
---@field is_site_local boolean
---@field is_v4_mapped boolean
---@field is_multicast_global boolean
---@field is_multicast_link_local boolean
---@field is_multicast_node_local boolean
---@field is_multicast_org_local boolean
---@field is_multicast_site_local boolean
---@field scope_id integer The number of its interface. It may be written.
local address = {}

---The IPv4 address that an IPv6 address stands for.
---@return emilua.address address
function address:to_v4() end

---The IPv6 address that stands for it.
---@return emilua.address address
function address:to_v6() end

---A TCP socket, closed when it is made. An object that is collected closes it. Reading a name that it does not have raises
---`emilua.core` 8. The [options](#options) are below.
---@class emilua.tcp_socket
---@field is_open boolean
---@field local_address emilua.address Reading it raises if the socket is not open.
---@field local_port integer
---@field remote_address emilua.address Reading it raises if the socket is not connected.
---@field remote_port integer
---@field at_mark boolean Do the urgent bytes come next?
local socket = {}

---Opens it.
---@param family "v4"|"v6"|emilua.address
function socket:open(family) end

---Gives it a local address.
---@param address string|emilua.address
---@param port integer 0 takes any that is free
function socket:bind(address, port) end

---Connects. It opens the socket if need be.
---@param address emilua.address no text
---@param port integer
function socket:connect(address, port) end

---Ends the connection; the socket stays open and may connect again.
function socket:disconnect() end

---Closes it. Who waits for it is told `Operation canceled`.
function socket:close() end

---Ends all waits for it with `Operation canceled`.
function socket:cancel() end

---Takes a descriptor, which is used up by that.
---@param family "v4"|"v6"|emilua.address
---@param descriptor emilua.file_descriptor
function socket:assign(family, descriptor) end

---Gives its descriptor away.
---@return emilua.file_descriptor descriptor
function socket:release() end

---How many bytes can be read at once.
---@param command "bytes_readable"
---@return integer count
function socket:io_control(command) end

---Ends one direction, or both.
---@param what "receive"|"send"|"both"
function socket:shutdown(what) end

---Reads what is there, at least one byte.
---@param span emilua.span
---@return integer count
function socket:read_some(span) end

---Writes as much as fits.
---@param data emilua.span|string a string is an addition
---@return integer count
function socket:write_some(data) end

---As `read_some`, with flags.
---@param span emilua.span
---@param flags? integer|string[] of `ip.message_flag`
---@return integer count
function socket:receive(span, flags) end

---As `write_some`, with flags.
---@param data emilua.span|string
---@param flags? integer|string[] of `ip.message_flag`
---@return integer count
function socket:send(data, flags) end

---Waits until it can be read from or written to, or has an error or urgent bytes.
---@param kind "read"|"write"|"error"
function socket:wait(kind) end

---Sets an [option](#options).
---@param name string
---@param value any
---@param seconds? integer of `linger`
function socket:set_option(name, value, seconds) end

---Reads an [option](#options).
---@param name string
---@return any value
---@return integer? seconds of `linger`
function socket:get_option(name) end

---A TCP acceptor.
---@class emilua.tcp_acceptor
---@field is_open boolean
---@field local_address emilua.address
---@field local_port integer
local acceptor = {}

---Takes a descriptor, which is used up by that.
---@param family "v4"|"v6"|emilua.address
---@param descriptor emilua.file_descriptor
function acceptor:assign(family, descriptor) end

---Gives it a local address.
---@param address string|emilua.address
---@param port integer 0 takes any that is free
function acceptor:bind(address, port) end

---Ends all waits for it with `Operation canceled`.
function acceptor:cancel() end

---Closes it. Who waits for it is told `Operation canceled`.
function acceptor:close() end

---Reads an [option](#options).
---@param name string
---@return any value
---@return integer? seconds of `linger`
function acceptor:get_option(name) end

---Opens it.
---@param family "v4"|"v6"|emilua.address
function acceptor:open(family) end

---Gives its descriptor away.
---@return emilua.file_descriptor descriptor
function acceptor:release() end

---Sets an [option](#options).
---@param name string
---@param value any
---@param seconds? integer of `linger`
function acceptor:set_option(name, value, seconds) end

---Waits until it can be read from or written to, or has an error or urgent bytes.
---@param kind "read"|"write"|"error"
function acceptor:wait(kind) end

---Makes it listen.
---@param backlog? integer as many as the system allows without it
function acceptor:listen(backlog) end

---Waits for a connection.
---@return emilua.tcp_socket socket
function acceptor:accept() end

---A UDP socket.
---@class emilua.udp_socket
---@field is_open boolean
---@field local_address emilua.address
---@field local_port integer
---@field remote_address emilua.address
---@field remote_port integer
local udp = {}

---Takes a descriptor, which is used up by that.
---@param family "v4"|"v6"|emilua.address
---@param descriptor emilua.file_descriptor
function udp:assign(family, descriptor) end

---Gives it a local address.
---@param address string|emilua.address
---@param port integer 0 takes any that is free
function udp:bind(address, port) end

---Ends all waits for it with `Operation canceled`.
function udp:cancel() end

---Closes it. Who waits for it is told `Operation canceled`.
function udp:close() end

---Connects. It opens the socket if need be.
---@param address emilua.address no text
---@param port integer
function udp:connect(address, port) end

---Ends the connection; the socket stays open and may connect again.
function udp:disconnect() end

---Reads an [option](#options).
---@param name string
---@return any value
---@return integer? seconds of `linger`
function udp:get_option(name) end

---How many bytes can be read at once.
---@param command "bytes_readable"
---@return integer count
function udp:io_control(command) end

---Opens it.
---@param family "v4"|"v6"|emilua.address
function udp:open(family) end

---Gives its descriptor away.
---@return emilua.file_descriptor descriptor
function udp:release() end

---Sets an [option](#options).
---@param name string
---@param value any
---@param seconds? integer of `linger`
function udp:set_option(name, value, seconds) end

---Ends one direction, or both.
---@param what "receive"|"send"|"both"
function udp:shutdown(what) end

---Waits until it can be read from or written to, or has an error or urgent bytes.
---@param kind "read"|"write"|"error"
function udp:wait(kind) end

---Receives a message. What does not fit is lost.
---@param span emilua.span
---@param flags? integer|string[]
---@return integer count
function udp:receive(span, flags) end

---Receives a message, and tells where it came from.
---@param span emilua.span
---@param flags? integer|string[]
---@return integer count
---@return emilua.address address
---@return integer port
function udp:receive_from(span, flags) end

---Sends a message to the peer.
---@param data emilua.span|string
---@param flags? integer|string[]
---@return integer count
function udp:send(data, flags) end

---Sends a message to an address.
---@param data emilua.span|string
---@param address string|emilua.address
---@param port integer
---@param flags? integer|string[]
---@return integer count
function udp:send_to(data, address, port, flags) end

---A descriptor that no socket has at the moment. `tostring` gives `/dev/fd/` and its number.
---@class emilua.file_descriptor
local descriptor = {}

---Closes it.
function descriptor:close() end

---A second descriptor of the same socket.
---@return emilua.file_descriptor descriptor
function descriptor:dup() end

---What is raised. `tostring` gives the message. Two are equal if code and category are.
---@class emilua.error
---@field code integer
---@field category emilua.category
---@field arg integer? The number of the argument at fault.
local error_code = {}

---The same error in the category `generic`, if it has a counterpart there.
---@return emilua.error error
function error_code:togeneric() end

---`tostring` gives its name. The categories are `system` (errno), `generic`, `asio.misc`, `asio.addrinfo`, `asio.netdb`
---and `emilua.core`.
---@class emilua.category
---@field name string
---@field message fun(self:emilua.category,code:integer):string what a code means

return M
