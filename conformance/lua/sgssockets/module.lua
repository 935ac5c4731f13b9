-- The module: functions, constants, what it says of values.

local t, s = ...
local S = s.S

t.case("the functions", function()
  for _, name in ipairs({ "socket", "socket_address", "socket_address_frombytes", "socket_error", "socket_getaddrinfo",
    "socket_geterrnobyname", "socket_gethostname", "socket_select", "socket_tcp", "socket_udp", "typeof", "tobool",
    "bor" }) do
    t.equal(type(S[name]), "function", name)
  end
  t.equal(require("moonsocket").sgssockets, S)
end)

t.case("the constants are integers, distinct in their group", function()
  local groups = {
    { "AF_INET", "AF_INET6", "AF_UNIX", "AF_IPX" },
    { "PF_INET", "PF_INET6", "PF_UNIX", "PF_IPX" },
    { "SOCK_STREAM", "SOCK_DGRAM", "SOCK_RAW", "SOCK_SEQPACKET" },
    { "IPPROTO_TCP", "IPPROTO_UDP" },
    { "MSG_CONFIRM", "MSG_DONTROUTE", "MSG_DONTWAIT", "MSG_EOR", "MSG_MORE", "MSG_NOSIGNAL", "MSG_OOB" },
    { "SHUT_RD", "SHUT_WR", "SHUT_RDWR" },
    { "SD_RECEIVE", "SD_SEND", "SD_BOTH" },
  }
  for _, group in ipairs(groups) do
    local seen = {}
    for _, name in ipairs(group) do
      local value = S[name]
      t.equal(type(value), "number", name)
      t.equal(value, math.floor(value), name)
      t.equal(tostring(value):find(".", 1, true), nil, name)
      t.equal(seen[value], nil, name)
      seen[value] = true
    end
  end
  for _, family in ipairs({ "INET", "INET6", "UNIX", "IPX" }) do
    t.equal(S["PF_" .. family], S["AF_" .. family])
  end
  t.equal(S.SHUT_RD, S.SD_RECEIVE)
  t.equal(S.SHUT_WR, S.SD_SEND)
  t.equal(S.SHUT_RDWR, S.SD_BOTH)
  t.equal(S.AF_UNSPEC, 0)
  t.equal(S.AI_PASSIVE, 1)
end)

t.case("the constants are the system's numbers", function()
  local numbers = {
    AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_IPX = 4, AF_INET6 = 10, PF_UNSPEC = 0, AI_PASSIVE = 1,
    SOCK_STREAM = 1, SOCK_DGRAM = 2, SOCK_RAW = 3, SOCK_SEQPACKET = 5, IPPROTO_TCP = 6, IPPROTO_UDP = 17,
    MSG_OOB = 1, MSG_DONTROUTE = 4, MSG_DONTWAIT = 64, MSG_EOR = 128, MSG_CONFIRM = 2048, MSG_NOSIGNAL = 16384,
    MSG_MORE = 32768, SHUT_RD = 0, SHUT_WR = 1, SHUT_RDWR = 2,
  }
  for name, number in pairs(numbers) do t.equal(S[name], number, name) end
end)

t.case("typeof tells the two types, and Lua's own", function()
  t.gives("socket")(S.typeof(S.socket_tcp()))
  t.equal(S.typeof(s.loopback(1)), "socket_address")
  for _, value in ipairs({ 1, "x", true, {}, print, io.stdout, coroutine.create(function() end) }) do
    t.gives(type(value))(S.typeof(value))
  end
  t.equal(S.typeof(nil), "nil")
  t.equal(S.typeof(require("moonsocket").socket.tcp()), "userdata")
end)

t.case("tobool says whether a socket is open, and else what Lua says", function()
  local socket = t.ok(S.socket_tcp())
  t.gives(true)(S.tobool(socket))
  socket:close()
  t.gives(false)(S.tobool(socket))
  t.gives(true)(S.tobool(s.loopback(1)))
  t.gives(true)(S.tobool(0))
  t.gives(false)(S.tobool(false))
  t.gives(false)(S.tobool(nil))
  t.gives(false)(S.tobool())
end)

t.case("tostring, __name, class", function()
  t.equal(tostring(S.socket_tcp()), "socket")
  t.equal(S.socket_tcp().class, "sgssockets socket")
  t.equal(s.loopback(1).class, "sgssockets socket_address")
  t.equal(getmetatable(S.socket_tcp()).__name, "sgssockets socket")
  t.equal(getmetatable(s.loopback(1)).__name, "sgssockets socket_address")
end)

t.case("bor puts flags together", function()
  t.gives(0)(S.bor())
  t.gives(15)(S.bor(1, 2, 4, 8))
  t.gives(6)(S.bor(2, 6, 4))
  t.gives(S.MSG_OOB + S.MSG_DONTWAIT)(S.bor(S.MSG_OOB, S.MSG_DONTWAIT))
  t.raises_like(function() S.bor(1, "x") end, "integer expected")
  t.raises_like(function() S.bor(0.5) end, "integer expected")
end)
