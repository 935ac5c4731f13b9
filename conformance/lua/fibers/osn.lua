-- osn's calls in fibers, and both dialects in one run.

local t, s = ...
local socket = s.socket
local osn = require("osn")
-- The descriptor that tells of signals stays for good.
osn.signals(true)

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
  t.ok(turns >= 1, "turns: " .. turns)
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
    t.ok(turns >= 1, "turns: " .. turns)
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

t.case("datagrams, to numbers and to names", function()
  local server = t.ok(osn.serve({ ip = "127.0.0.1", port = "0", protocol = "udp" }))
  local _, port = server:getsockname()
  s.run(function()
    local turns = s.turns(function()
      for _ = 1, 2 do
        local data, from = t.results(2, server:receive(100))
        t.gives(#data + 1)(server:send(data .. "!", from))
      end
    end)
    t.ok(turns >= 1, "turns: " .. turns)
  end, function()
    socket.sleep(0.05)
    local c = t.ok(osn.udp_socket({ ip = "127.0.0.1", port = port }))
    for _, ip in ipairs({ "127.0.0.1", "localhost" }) do
      t.gives(#ip)(c:send(ip, { ip = ip, port = port }))
      t.gives(ip .. "!")((c:receive(100, 5)))
    end
    t.gives("", "timeout")(c:receive(100, 0.02))
  end)
end)

t.case("accept within a time, and into a socket that is used again", function()
  local server, port = served()
  s.run(function()
    local again = t.ok(osn.connect({ ip = "127.0.0.1", port = port }))
    t.ok(server:accept()):close()
    local turns = s.turns(function()
      local took = t.elapsed(function() t.gives(again, "timeout")(server:accept(again, 50000)) end)
      t.near(took, 0.05 - 0.0005, 0.6)
    end)
    t.ok(turns >= 1, "turns: " .. turns)
    t.equal(again.closed, true)
    s.spawn(function()
      socket.sleep(0.02)
      t.ok(osn.connect({ ip = "127.0.0.1", port = port })):send("hello")
    end)
    t.gives(again)(server:accept(again))
    t.equal(again.closed, false)
    t.gives("hello")(again:receive(10))
  end)
end)

t.case("a signal ends one osn call, and no other dialect's", function()
  local server, port = served()
  local peer = s.process([[
    local osn = require("osn")
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    local c = assert(osn.connect({ ip = "127.0.0.1", port = ... }))
    local one, other = pair()
    other:settimeout(0.2)
    local log = {}
    local function note(...)
      local words = {}
      for i = 1, select("#", ...) do words[i] = tostring((select(i, ...))) end
      log[#log + 1] = table.concat(words, " ")
    end
    spawn(function() note("osn", c:receive(10, "BLOCK")) note("then", c:receive(10, 5)) end)
    local other_line, other_why
    spawn(function() other_line, other_why = other:receive() end)
    spawn(function()
      sleep(0.02)
      os.execute("kill -USR2 " .. pid)
      sleep(0.02)
      note("before data")
      c:send("now")
    end)
    run()
    for _, line in ipairs(log) do say(line) end
    say("socket", other_line, other_why)
  ]], nil, port)
  local a = t.ok(server:accept())
  t.gives("now")(a:receive(10))
  a:send("data")
  t.equal(peer:line(), "osn nil signal usr2 User defined signal 2 12")
  t.equal(peer:line(), "before data")
  t.equal(peer:line(), "then data")
  t.equal(peer:line(), "socket nil timeout")
end)

t.case("three dialects in one run, and outside of it", function()
  local S = require("sgssockets")
  local server, port = s.listener()
  local function osn_client() return t.ok(osn.connect({ ip = "127.0.0.1", port = tostring(port) })) end
  local function sgs_client()
    local c = t.ok(S.socket_tcp())
    t.gives(true)(c:connect(t.ok(S.socket_address(S.AF_INET, "127.0.0.1", tonumber(port)))))
    return c
  end
  local function echo(count)
    for _ = 1, count do
      local a = t.ok(server:accept())
      t.ok(a:send(t.ok(a:receive()) .. "\n"))
      a:close()
    end
  end
  local one, two = osn_client(), sgs_client()
  t.gives(4)(one:send("osn\n"))
  t.gives(4)(two:send("sgs\n"))
  echo(2)
  t.gives("osn\n")(one:receive(10))
  t.gives("sgs\n")(two:recv(10))
  s.run(function() echo(2) end, function()
    local c = osn_client()
    t.gives(4)(c:send("osn\n"))
    t.gives("osn\n")(c:receive(10))
  end, function()
    local c = sgs_client()
    t.gives(4)(c:send("sgs\n"))
    t.gives("sgs\n")(c:recv(10))
  end)
end)
