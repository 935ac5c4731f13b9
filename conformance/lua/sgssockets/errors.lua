-- socket_error and socket_geterrnobyname.

local t, s = ...
local S = s.S

t.case("0 after what went well, the number after what did not", function()
  local server, at = s.listener()
  local other = t.ok(S.socket_tcp())
  t.equal(S.socket_error(), 0)
  t.equal(S.socket_error(true), "Success")
  s.refuses("EADDRINUSE")(other:bind(at.port))
  t.ok(S.socket_error(true):lower():find("address", 1, true), S.socket_error(true))
  -- Asking changes nothing.
  s.error_is("EADDRINUSE")
  t.gives(true)(other:connect(at))
  t.equal(S.socket_error(), 0)
  t.gives(5)(other:send("hello"))
  t.equal(S.socket_error(), 0)
  server:close()
end)

t.case("makers that fail give nil, a message, and leave their number", function()
  local function fails(name, ...)
    local got = t.pack(...)
    t.equal(got.n, 2)
    t.equal(got[1], nil)
    t.equal(type(got[2]), "string")
    t.equal(S.socket_error(), S.socket_geterrnobyname(name))
  end
  fails("EAFNOSUPPORT", S.socket_address(S.AF_UNIX, "/tmp/x"))
  fails("EINVAL", S.socket_address(S.AF_INET, "junk"))
  local closed = t.ok(S.socket_tcp())
  closed:close()
  fails("EBADF", closed:accept())
  fails("EBADF", closed:getpeername())
  fails("ENOTCONN", S.socket_tcp():getpeername())
  fails("EINVAL", S.socket_tcp():accept())
end)

t.case("the end of a stream is no error", function()
  local c, peer = s.pair()
  peer:close()
  s.refuses("EBADF")(peer:send("x"))
  t.gives(true)(c:recv(1))
  t.equal(S.socket_error(), 0)
end)

t.case("names of errors", function()
  local seen = {}
  for name in ([[EBADMSG ECANCELED EIDRM ENODATA ENOLINK ENOMSG ENOSR ENOSTR ENOTRECOVERABLE ENOTSUP EOVERFLOW
    EOWNERDEAD EPROTO ETIME ETXTBSY EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EALREADY ECONNABORTED ECONNREFUSED
    ECONNRESET EDESTADDRREQ EHOSTUNREACH EINPROGRESS EISCONN ELOOP EMSGSIZE ENETDOWN ENETRESET ENETUNREACH
    ENOBUFS ENOPROTOOPT ENOTCONN ENOTSOCK EOPNOTSUPP EPROTONOSUPPORT EPROTOTYPE ETIMEDOUT EWOULDBLOCK EBADF EINVAL
    EPIPE EINTR EACCES]]):gmatch("%u+") do
    local number = t.results(1, S.socket_geterrnobyname(name))
    t.equal(number, math.floor(number))
    t.ok(number > 0)
    -- ENOTSUP is EOPNOTSUPP on Linux; no others share a number.
    t.ok(not seen[number] or name == "EOPNOTSUPP", name)
    seen[number] = name
  end
  t.equal(S.socket_geterrnobyname("EWOULDBLOCK"), S.socket_geterrnobyname("EAGAIN"))
  for _, name in ipairs({ "", "E", "econnrefused", "ENOSUCH", "ECONNREFUSED\0" }) do
    t.raises_like(function() S.socket_geterrnobyname(name) end, "there is no error named")
  end
end)
