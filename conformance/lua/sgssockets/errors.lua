-- socket_error and socket_geterrnobyname.

local t, s = ...
local S = s.S

t.case("0 after what went well, the number after what did not", function()
  local server, at = s.listener()
  local other = t.ok(S.socket_tcp())
  t.gives(0)(S.socket_error())
  t.gives("Success")(S.socket_error(true))
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
    t.gives(nil, S.socket_error(true))(...)
    s.error_is(name)
  end
  fails("EAFNOSUPPORT", S.socket_address(S.AF_UNIX, "/tmp/x"))
  -- What is no address has words of its own.
  t.gives(nil, "not an address of this family")(S.socket_address(S.AF_INET, "junk"))
  s.error_is("EINVAL")
  t.gives(nil, "not an address of this family")(S.socket_address_frombytes(S.AF_INET, "junk of bytes"))
  s.error_is("EINVAL")
  fails("EPROTONOSUPPORT", S.socket(S.AF_INET, S.SOCK_STREAM, S.IPPROTO_UDP))
  local closed = t.ok(S.socket_tcp())
  closed:close()
  fails("EBADF", closed:accept())
  fails("EBADF", closed:getpeername())
  fails("EBADF", closed:getsockname())
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
  local numbers = { EWOULDBLOCK = 11, EADDRINUSE = 98, ENOTCONN = 107, ECONNREFUSED = 111, EINPROGRESS = 115 }
  for name, number in pairs(numbers) do t.equal(seen[number], name) end
  t.equal(S.socket_geterrnobyname("EWOULDBLOCK"), S.socket_geterrnobyname("EAGAIN"))
  for _, name in ipairs({ "", "E", "econnrefused", "ENOSUCH", "ECONNREFUSED\0" }) do
    t.raises_like(function() S.socket_geterrnobyname(name) end, "there is no error named")
  end
end)
