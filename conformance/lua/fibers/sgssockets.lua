-- sgssockets' calls in fibers: each that has to wait suspends its fiber alone.

local t, s = ...
local socket = s.socket
local S = require("sgssockets")

local function listener()
  local server = t.ok(S.socket_tcp())
  t.ok(server:bind(0) and server:listen(16))
  return server, t.ok(S.socket_address(S.AF_INET, "127.0.0.1", server:getsockname().port))
end

local function pair()
  local server, at = listener()
  local c = t.ok(S.socket_tcp())
  t.ok(c:connect(at))
  local a = t.ok(server:accept())
  server:close()
  return c, a
end

t.case("accept, connect, send, recv", function()
  local server, at = listener()
  local turns
  s.run(function()
    turns = s.turns(function()
      local a, from = t.results(2, server:accept())
      t.equal(S.typeof(a), "socket")
      t.equal(from.addr_string, "127.0.0.1")
      t.gives("hello")(a:recv(100))
      t.gives(5)(a:send("world"))
      a:close()
    end)
  end, function()
    socket.sleep(0.05)
    local c = t.ok(S.socket_tcp())
    t.gives(true)(c:connect(at))
    t.gives(5)(c:send("hello"))
    t.gives("world")(c:recv(100))
    t.gives(true)(c:recv(100))
  end)
  t.ok(turns >= 1, "turns: " .. turns)
end)

t.case("time limits", function()
  s.run(function()
    local c, a = pair()
    c.recv_timeout = 0.1
    local turns = s.turns(function()
      local took = t.elapsed(function() t.gives(false)(c:recv(10)) end)
      t.near(took, 0.1 - 0.0005, 0.6)
      t.equal(S.socket_error(), S.socket_geterrnobyname("EWOULDBLOCK"))
    end)
    t.ok(turns >= 1, "turns: " .. turns)
    c.blocking = false
    t.gives(false)(c:recv(10))
    a:send("later")
    c.blocking = true
    c.recv_timeout = 0
    t.gives("later")(c:recv(10))
  end)
end)

t.case_for({ "send", "sendto" }, "a send larger than the buffers", function(name)
  local data = s.noise(5 * 1024 * 1024)
  local server, at = listener()
  local c = t.ok(S.socket_tcp())
  t.ok(c:connect(at))
  local a = t.ok(server:accept())
  s.run(function()
    -- A connection takes no notice of an address.
    local sent = a[name](a, data, name == "sendto" and at or nil)
    a:close()
    t.equal(sent, #data)
  end, function()
    local parts = {}
    while true do
      local part = c:recv(70001)
      if part == true then break end
      parts[#parts + 1] = t.ok(part)
    end
    t.equal(table.concat(parts) == data, true)
  end)
end)

t.case("datagrams", function()
  local server = t.ok(S.socket_udp())
  t.ok(server:bind(0))
  local at = t.ok(S.socket_address(S.AF_INET, "127.0.0.1", server:getsockname().port))
  s.run(function()
    for _ = 1, 3 do
      local data, from = t.results(2, server:recvfrom(100))
      t.gives(#data)(server:sendto(data, from))
    end
  end, function()
    local c = t.ok(S.socket_udp())
    for i = 1, 3 do
      socket.sleep(0.005)
      t.gives(1)(c:sendto(tostring(i), at))
      local data, from = t.results(2, c:recvfrom(100))
      t.equal(data, tostring(i))
      t.equal(from, at)
    end
  end)
end)

t.case("socket_select shortens its arrays when it is done", function()
  local c, a = pair()
  local d, b = pair()
  local reads, errors = { d, c }, { c }
  s.run(function()
    local turns = s.turns(function() t.gives(1)(S.socket_select(reads, {}, errors, 5)) end)
    t.ok(turns >= 1, "turns: " .. turns)
    t.equal(#reads, 1)
    t.equal(reads[1], c)
    t.equal(#errors, 0)
    local took = t.elapsed(function() t.gives(0)(S.socket_select({ d }, {}, {}, 0.05)) end)
    t.near(took, 0.05 - 0.0005, 0.6)
    t.gives(0)(S.socket_select({ d }, {}, {}, 0))
    b:close()
  end, function()
    socket.sleep(0.05)
    a:send("x")
  end)
end)

t.case("a name is looked up", function()
  s.run(function()
    local turns = s.turns(function()
      local list = t.ok(S.socket_getaddrinfo("localhost", "80", S.SOCK_STREAM, S.AF_INET))
      t.equal(list[1].addr.full_addr_string, "127.0.0.1:80")
    end)
    t.ok(turns >= 0)
  end)
end)

t.case("close wakes recv and accept", function()
  local server = listener()
  local c, a = pair()
  s.run(function()
    s.spawn(function() t.gives(false)(c:recv(10)) end)
    s.spawn(function() t.equal((server:accept()), nil) end)
    socket.sleep(0.01)
    t.gives(true)(c:close())
    t.gives(true)(server:close())
    a:close()
  end)
end)
