-- Where moonsocket differs from LuaSocket 3.1.0 on purpose: case -> reason.
-- On the original each of these cases must fail; one that passes is stale.

local early = "options set before there is a descriptor are remembered (upstream #371)"
local lines = 'Lua 5.3\'s pattern names are accepted too'
local cap = "newer than 3.1.0 (upstream #463)"
local errno = "the original gives two results"
local ports = "a port outside 0 to 65535 is an error, it does not wrap"

return {
  ["module: _VERSION starts with 3.1.0 and names moonsocket"] = "3.1.0 still says 3.0.0",
  ["module: loading the module leaves SIGPIPE alone"] = "the original ignores it process-wide",
  ["classes: getstats and setstats exist on masters and servers"] = "clients only in the original",
  ["classes: to-be-closed variables close the socket"] = "the original has no __close",
  ["bind: a port above 65535 is an error"] = ports,
  ["connect: ports out of range are an error"] = ports,
  ["shortcuts: a failed connect from an address that is not ours leaves no descriptor"] =
    "the original leaks one each time",
  ["receive_line: \"l\" strips one CR before the LF only"] = lines,
  ["receive_line: \"L\" keeps the line end as it is"] = lines,
  ["receive_line: \"*L\" keeps the line end as it is"] = lines,
  ["receive_all: \"a\" is \"*a\""] = lines,
  ["receive_count: count 0 without data returns at once"] = "the original waits (upstream #427)",
  ["receive_maxsize: a long line is oversized, and nothing is lost"] = cap,
  ["receive_maxsize: draining an oversized line piece by piece"] = cap,
  ["receive_maxsize: too much before the end is oversized, and nothing is lost"] = cap,
  ["receive_maxsize: the prefix counts"] = cap,
  ["receive_maxsize: a timeout's partial can be gone on with, also at the cap"] = cap,
  ["receive_maxsize: caps that cannot be met raise before anything is read"] = cap,
  ["timeout: limits are never early"] = "the original truncates to milliseconds",
  ["options_early: setoption returns 1"] = early,
  ["options_early: they are applied by bind"] = early,
  ["options_early: they are applied by connect (127.0.0.1)"] = early,
  ["options_early: they are applied by connect (::1)"] = early,
  ["options_early: the last value counts"] = early,
  ["options_early: reuseaddr before bind takes a lingering port"] = early,
  ["descriptor: new descriptors are close-on-exec"] = "children inherit the original's sockets (upstream #73)",
  ["errno: bind and connect"] = errno,
  ["errno: names"] = errno,
  ["errno: an established connection"] = errno,
  ["names: getsockname's port is a number"] = "a string in 3.1.0, a number upstream since",
  ["udp: getstats and setstats count messages' bytes"] = "not there in the original",
  ["udp: to-be-closed variables close a udp object"] = "the original has no __close",
  ["udp_messages: a huge size allocates no more than a message"] = "the original allocates the size it is given",
  ["udp_messages: sendto ports out of range are an error"] = ports,
  ["udp_connected: receive and receivefrom without a descriptor refuse too"] =
    "the original gives an empty message, or looks at an address that nobody has filled in",
  ["udp_connected: getsockname's port is a number"] = "a string in 3.1.0, a number upstream since",
  ["udp_connected: errno follows the message"] = errno,
  ["select: an infinite limit waits on and on"] = "the original raises",
  ["select_foreign: descriptors above 1023 work"] = "the original has select(2)'s limit",
  ["time: sleep(NaN) returns"] = "the original never comes back",
  ["additions: fromfd adopts a descriptor"] = "an addition",
  ["additions: receiveany gives what is there, up to its limit"] = "an addition",
  ["additions: receiveany takes from the buffer first"] = "an addition",
  ["additions: dup gives a second descriptor for one connection"] = "an addition",
  ["additions: socketpair gives two connected objects"] = "an addition",
  ["additions: monotime never runs backwards"] = "an addition",
  ["hostile: NUL inside an address is not cut off"] = "the original stops at the NUL",
}
