-- The module, its constants, and what every object is.

local t, s = ...
local nixio, const = s.nixio, s.const

t.case("its functions", function()
  for _, name in ipairs({
    "bind", "connect", "errno", "getaddrinfo", "getnameinfo", "gettimeofday", "nanosleep", "poll", "poll_flags",
    "socket", "strerror", "uname",
  }) do
    t.equal(type(nixio[name]), "function", name)
  end
  t.ok(nixio.version:find(s.ours and "^0%.4%.1 %(moonsocket [%d.]+%)$" or "^0%.4%.1$"), nixio.version)
end)

t.case("every method of the Socket page", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  for _, name in ipairs({
    "accept", "bind", "close", "connect", "fileno", "getopt", "getpeername", "getsockname", "listen", "read", "recv",
    "recvfrom", "send", "sendto", "setblocking", "setopt", "shutdown", "write",
  }) do
    t.equal(type(socket[name]), "function", name)
  end
end)

t.case("the aliases of getopt and setopt", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:setsockopt("socket", "keepalive", 1))
  t.gives(1)(socket:getsockopt("socket", "keepalive"))
  t.gives(true)(socket:setsockopt("socket", "rcvbuf", 8192))
  t.gives(16384)(socket:getsockopt("socket", "rcvbuf"))
  t.raises_like(function() return socket:setsockopt("socket", "no such option", 1) end, "supported values")
  t.raises_like(function() return socket:getsockopt("socket", "no such option") end, "supported values")
end)

t.case("the constants", function()
  t.equal(const.buffersize, 8192)
  t.equal(const.sep, "/")
  t.equal(const.pathsep, ":")
  t.equal(nixio.const_sock, const)
  local numbers = {
    EACCES = 13, EADDRINUSE = 98, EAFNOSUPPORT = 97, EAGAIN = 11, EALREADY = 114, EBADF = 9, EBUSY = 16, ECHILD = 10,
    EEXIST = 17, EFAULT = 14, EFBIG = 27, EINPROGRESS = 115, EINTR = 4, EINVAL = 22, EIO = 5, EISDIR = 21, ELOOP = 40,
    EMFILE = 24, ENAMETOOLONG = 36, ENETDOWN = 100, ENETUNREACH = 101, ENFILE = 23, ENOBUFS = 105, ENODEV = 19,
    ENOENT = 2, ENOMEM = 12, ENOPROTOOPT = 92, ENOSPC = 28, ENOSYS = 38, ENOTDIR = 20, ENXIO = 6, EOVERFLOW = 75,
    EPERM = 1, EPIPE = 32, EPROTONOSUPPORT = 93, EROFS = 30, ESPIPE = 29, ESRCH = 3, ETXTBSY = 26, EWOULDBLOCK = 11,
    EXDEV = 18, SIGALRM = 14, SIGCHLD = 17, SIGCONT = 18, SIGHUP = 1, SIGINT = 2, SIGIO = 29, SIGKILL = 9, SIGPIPE = 13,
    SIGQUIT = 3, SIGSEGV = 11, SIGSTOP = 19, SIGTERM = 15, SIGURG = 23, SIGUSR1 = 10, SIGUSR2 = 12,
  }
  for name, number in pairs(numbers) do t.equal(const[name], number, name) end
end)

t.case("constants that the original lacks", function()
  local numbers = {
    ECONNREFUSED = 111, ECONNRESET = 104, ECONNABORTED = 103, ETIMEDOUT = 110, ENOTCONN = 107, EISCONN = 106,
    EADDRNOTAVAIL = 99, EHOSTUNREACH = 113, EMSGSIZE = 90, EDESTADDRREQ = 89, ENOTSOCK = 88, EOPNOTSUPP = 95,
    POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 16, POLLNVAL = 32,
    ECANCELED = 125, EDOM = 33, ENETRESET = 102, ENOTSUP = 95, EPROTO = 71, EPROTOTYPE = 91, ERANGE = 34,
    EAI_BADFLAGS = -1, EAI_NONAME = -2, EAI_AGAIN = -3, EAI_FAIL = -4, EAI_FAMILY = -6, EAI_SOCKTYPE = -7,
    EAI_SERVICE = -8, EAI_MEMORY = -10, EAI_SYSTEM = -11, EAI_OVERFLOW = -12,
  }
  for name, number in pairs(numbers) do t.equal(const[name], number, name) end
end)

t.case("the objects' metatable is open, shared and its own __index", function()
  local meta = nixio.meta_socket
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.equal(getmetatable(socket), meta)
  t.equal(meta.__index, meta)
  t.equal(type(socket), "userdata")
  function meta.twice(self, what) return self:send(what .. what) end
  local c, a = s.pair()
  t.gives(4)(c:twice("ab"))
  t.gives("abab")(a:recv(10))
  meta.twice = nil
  t.equal(socket.twice, nil)
  t.equal(socket.nothing, nil)
end)

t.case("the metatable's name", function()
  if not t.at_least("5.2") then t.skip("this Lua's metatables have no names") end
  t.equal(nixio.meta_socket.__name, "nixio.socket")
end)

t.case("a method of one's own may stand in for one of the library", function()
  local meta = nixio.meta_socket
  local c, a = s.pair()
  local read = meta.read
  function meta.read(self, length)
    local data, code, message = read(self, length)
    return data and data:upper(), code, message
  end
  c:send("ab")
  c:close()
  local data = a:readall()
  meta.read = read
  t.equal(data, "AB")
end)

t.case("tostring has the descriptor's number", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.equal(tostring(socket), "nixio socket " .. socket:fileno())
end)

t.case("tostring of a closed socket", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  socket:close()
  t.ok(tostring(socket):find("nixio socket", 1, true))
end)

t.case("fileno, also of files", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.ok(t.results(1, socket:fileno()) > 2)
  t.gives(0)(socket.fileno(io.stdin))
  t.gives(1)(nixio.meta_socket.fileno(io.stdout))
  local file = assert(io.open("/dev/null"))
  t.ok(socket.fileno(file) > 2)
  file:close()
  t.raised(function() return socket.fileno(file) end)
  t.raised(function() return socket.fileno({}) end)
  t.raised(function() return socket.fileno(5) end)
  t.raised(function() return socket.fileno() end)
end)

t.case("getfd is another name for it", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(socket:fileno())(socket:getfd())
end)

t.case("errno and strerror", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  s.fails(107, socket:getpeername())
  t.gives(107)(nixio.errno())
  t.gives("Transport endpoint is not connected")(nixio.strerror(107))
  t.gives("Unknown error 4242")(nixio.strerror(4242))
  t.raised(function() return nixio.strerror() end)
end)

t.case("errno is that of the last failure, whatever ran since", function()
  local socket = t.ok(nixio.socket("inet", "stream"))
  s.fails(107, socket:getpeername())
  local none = io.open("/no/such/file")
  t.equal(none, nil)
  t.gives(107)(nixio.errno())
end)

t.case("numbers as strings, and strings as numbers", function()
  local c, a = s.pair()
  t.gives(4)(c:send(12.5))
  t.gives("12")(a:recv("2"))
  t.gives(true)(c:setopt("socket", "sndbuf", "8192"))
  t.gives(16384)(c:getopt("socket", "sndbuf"))
  local socket = t.ok(nixio.socket("inet", "stream"))
  t.gives(true)(socket:listen("5"))
end)

t.case("numbers are integers where Lua has them", function()
  if not math.type then t.skip("this Lua has one type of numbers") end
  local server, port = s.listener()
  local c = t.ok(nixio.connect("127.0.0.1", port))
  local a, _, peer = server:accept()
  for _, number in ipairs({
    port, peer, c:fileno(), c:send("x"), c:getopt("socket", "sndbuf"), const.EINVAL, (nixio.gettimeofday()),
    nixio.poll_flags("in"), (nixio.poll({ { fd = a, events = 1 } }, 1000)),
  }) do
    t.equal(math.type(number), "integer")
  end
end)

t.case("on Lua 5.1 it is a global", function()
  if _VERSION ~= "Lua 5.1" then t.skip("for Lua 5.1") end
  t.equal(rawget(_G, "nixio"), nixio)
  t.equal(nixio.util, require("nixio.util"))
end)

t.case("uname", function()
  local names = t.results(1, nixio.uname())
  local file = assert(io.open("/proc/sys/kernel/hostname"))
  t.equal(names.nodename, file:read("*l"))
  file:close()
  t.equal(names.sysname, "Linux")
  local function told_by(command) return (t.shell(command):gsub("\n$", "")) end
  t.equal(names.release, told_by("cat /proc/sys/kernel/osrelease"))
  t.equal(names.version, told_by("cat /proc/sys/kernel/version"))
  t.equal(names.machine, told_by("uname -m"))
end)

t.case("as a field of moonsocket", function()
  if not s.ours then t.skip("for moonsocket") end
  t.equal(require("moonsocket").nixio, nixio)
end)
