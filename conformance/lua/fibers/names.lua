-- Name lookups in fibers.

local t, s = ...
local socket = s.socket

t.case("the same answers as outside", function()
  local outside = {
    t.pack(socket.dns.toip("localhost")), t.pack(socket.dns.toip("no such name..")),
    t.pack(socket.dns.getaddrinfo("127.0.0.1")), t.pack(socket.dns.gethostname()),
  }
  s.run(function()
    local inside = {
      t.pack(socket.dns.toip("localhost")), t.pack(socket.dns.toip("no such name..")),
      t.pack(socket.dns.getaddrinfo("127.0.0.1")), t.pack(socket.dns.gethostname()),
    }
    for i, want in ipairs(outside) do
      t.equal(inside[i].n, want.n)
      for j = 1, want.n do t.equal(type(inside[i][j]), type(want[j])) end
    end
    t.equal(inside[1][1], outside[1][1])
    t.equal(inside[2][2], outside[2][2])
    t.equal(inside[3][1][1].addr, "127.0.0.1")
  end)
end)

t.case("fifty lookups at once", function()
  local found = 0
  for _ = 1, 50 do
    s.spawn(function()
      t.ok(socket.dns.toip("localhost"))
      found = found + 1
    end)
  end
  s.run()
  t.equal(found, 50)
end)

t.case("getaddrinfo, getnameinfo, tohostname", function()
  s.run(function()
    t.ok(socket.dns.getaddrinfo("localhost")[1].addr)
    t.results(2, socket.dns.tohostname("127.0.0.1"))
    t.ok(socket.dns.getnameinfo("127.0.0.1"))
  end)
end)

t.case("connect by name, with a limit", function()
  local server, port = s.listener()
  s.run(function()
    local c = socket.tcp()
    c:settimeout(5)
    t.gives(1)(c:connect("localhost", port))
    c:close()
    c = t.ok(socket.connect("localhost", port))
    c:close()
    c = socket.tcp()
    c:settimeout(0)
    local _, err = c:connect("localhost", port)
    t.ok(err == nil or err == "timeout", err)
  end, function() t.ok(server:accept()) end)
end)

t.case("what must not wait for a peer waits for a name, and lets the others go on", function()
  local nixio = require("nixio")
  local function without_time(socket)
    socket:settimeout(0)
    return socket
  end
  local function nixios(kind)
    local socket = nixio.socket("inet", kind)
    socket:setblocking(false)
    return socket
  end
  local name = "no such name.."
  for call, body in pairs({
    connect = function() return without_time(socket.tcp()):connect(name, 80) end,
    bind = function() return without_time(socket.tcp()):bind(name, 0) end,
    setpeername = function() return without_time(socket.udp()):setpeername(name, 80) end,
    setsockname = function() return without_time(socket.udp()):setsockname(name, 0) end,
    ["nixio's stream"] = function() return nixios("stream"):connect(name, 80) end,
    ["nixio's dgram"] = function() return nixios("dgram"):connect(name, 80) end,
  }) do
    -- The resolver may be quicker than the other fiber, and often is. Not always.
    local others
    for _ = 1, 1000 do
      local ended
      s.run(function()
        t.equal((body()), nil, call)
        ended = true
      end, function() others = others or not ended end)
      if others then break end
    end
    t.ok(others, call .. " stopped the others")
  end
end)

t.case("connect from a local address by name", function()
  local server, port = s.listener()
  s.run(function()
    local c = t.ok(socket.connect("127.0.0.1", port, "localhost", nil, "inet"))
    t.equal((c:getsockname()), "127.0.0.1")
    c:close()
    local none, err = socket.connect("127.0.0.1", port, "no such name..")
    t.equal(none, nil)
    t.equal(type(err), "string")
  end, function() t.ok(server:accept()) end)
end)

t.case("timers run while names are looked up", function()
  local ended = 0
  s.run(function()
    for _ = 1, 20 do
      socket.sleep(0.001)
      ended = ended + 1
    end
  end, function()
    for _ = 1, 10 do t.ok(socket.dns.toip("localhost")) end
  end)
  t.equal(ended, 20)
end)

t.case("threads and descriptors stay few", function()
  local function threads()
    return tonumber(t.shell("grep Threads /proc/" .. t.own_pid() .. "/status"):match("%d+"))
  end
  local function round()
    s.run(function()
      for _ = 1, 50 do t.ok(socket.dns.toip("localhost")) end
      for _ = 1, 2000 do t.ok(socket.dns.toip("127.0.0.1")) end
    end)
  end
  round()
  local before = t.descriptors()
  round()
  t.no_more_descriptors(before)
  t.near(threads(), 1, 17)
end)
