-- osn's calls in fibers, and both dialects in one run.

local t, s = ...
local socket = s.socket
local osn = require("osn")

local function served()
  local server = t.ok(osn.serve({ ip = "127.0.0.1", port = "0" }))
  local _, port = server:getsockname()
  return server, port
end

t.case("accept, connect, send, receive", function()
  local server, port = served()
  local turns
  s.run(function()
    turns = s.turns(function()
      local a = t.ok(t.results(1, server:accept()))
      t.gives("hello")(a:receive(100))
      t.gives(5)(a:send("world"))
      a:close()
    end)
  end, function()
    socket.sleep(0.05)
    local c = t.ok(t.results(1, osn.connect({ ip = "127.0.0.1", port = port })))
    t.gives(5)(c:send("hello"))
    t.gives("world")(c:receive(100, "BLOCK"))
    t.gives(nil, "closed")(c:receive(100))
  end)
  t.ok(turns >= 3, "turns: " .. turns)
end)

t.case("long polling suspends its fiber alone", function()
  local server, port = served()
  s.run(function()
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    local a = t.ok(server:accept())
    local turns = s.turns(function()
      local took = t.elapsed(function() t.gives("", "timeout")(c:receive(10, 0.1)) end)
      t.near(took, 0.1 - 0.0005, 0.6)
    end)
    t.ok(turns >= 5, "turns: " .. turns)
    a:send("later")
    t.gives("later")(c:receive(10, 5))
  end)
end)

t.case("a send larger than the buffers", function()
  local server, port = served()
  local data = s.noise(5 * 1024 * 1024)
  s.run(function()
    local a = t.ok(server:accept())
    t.gives(#data)(a:send(data))
    a:close()
  end, function()
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    local parts = {}
    while true do
      local part, err = c:receive(70001)
      if not part then
        t.equal(err, "closed")
        break
      end
      parts[#parts + 1] = part
    end
    t.equal(table.concat(parts) == data, true)
  end)
end)

t.case("close wakes receive and accept", function()
  local server, port = served()
  s.run(function()
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    local a = t.ok(server:accept())
    s.spawn(function()
      local data, err = a:receive(10, "BLOCK")
      t.equal(data, nil)
      t.equal(type(err), "string")
    end)
    s.spawn(function()
      local none, err = server:accept()
      t.equal(none, nil)
      t.equal(type(err), "string")
    end)
    socket.sleep(0.01)
    t.gives(true)(a:close())
    t.gives(true)(server:close())
    c:close()
  end)
end)

t.case("connect's results: a refusal, a timeout", function()
  local port = s.dead_port()
  s.run(function()
    t.gives(nil, "Connection refused", 111)(osn.connect({ ip = "127.0.0.1", port = port }))
  end)
end)

t.case("LuaSocket at one end, osn at the other", function()
  local server, port = s.listener()
  s.run(function()
    local c = t.ok(osn.connect({ ip = "127.0.0.1", port = tostring(port) }))
    for i = 1, 50 do
      t.ok(c:send("line " .. i .. "\n"))
      t.gives("ok")(c:receive(2))
    end
    c:close()
  end, function()
    local a = t.ok(server:accept())
    for i = 1, 50 do
      t.gives("line " .. i, nil, nil)(a:receive())
      a:send("ok")
    end
    t.gives(nil, "closed", "")(a:receive())
  end)
end)
