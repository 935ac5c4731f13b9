-- Children, kills, storms of stops: seen by a process that blocks.

local t, s = ...
local socket = s.socket

t.case("a storm of stops and continues loses nothing", function()
  local peer = t.peer([[
    local socket = require("socket")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", tonumber(port)))
    local a = assert(server:accept())
    local pid = io.open("/proc/self/stat"):read("*l"):match("^%d+")
    os.execute("(for i in $(seq 40); do kill -STOP " .. pid .. "; kill -CONT " .. pid
      .. "; sleep 0.005; done) &")
    c:settimeout(0.02)
    a:settimeout(0.02)
    local sum, got = 0, 0
    for i = 1, 60 do
      local data = ("x"):rep(i * 997)
      local at = 1
      while at <= #data do
        local last, err, partial = a:send(data, at)
        assert(last or err == "timeout", err)
        at = (last or partial) + 1
      end
      sum = sum + #data
      while got < sum do
        local part, err, rest = c:receive(sum - got)
        assert(part or err == "timeout", err)
        got = got + #(part or rest)
      end
      socket.sleep(0.002)
      socket.select({ c }, nil, 0.001)
    end
    say("all", got == sum)
    server:settimeout(0.01)
    say("accept", (select(2, server:accept())))
  ]])
  t.equal(peer:line(), "all true")
  t.equal(peer:line(), "accept timeout")
end)

t.case("children and their pipes do not disturb open sockets", function()
  local c, peer = s.pair()
  for i = 1, 20 do
    local pipe = assert(io.popen("cat /proc/self/fd/" .. c:getfd() .. " 2>&1", "r"))
    t.ok(#pipe:read("*a") > 0)
    pipe:close()
    os.execute("true")
    t.gives(#tostring(i) + 1, nil, nil)(c:send(i .. "\n"))
    t.gives(tostring(i), nil, nil)(peer:receive())
  end
end)

t.case("a child outlives the sockets that were open when it began", function()
  local c, peer = s.pair()
  local pipe = assert(io.popen("sleep 0.3; echo done", "r"))
  c:close()
  -- With an inherited descriptor this would wait for the child.
  local took = t.elapsed(function() t.gives(nil, "closed", "")(peer:receive()) end)
  t.near(took, 0, 0.25)
  t.equal(pipe:read("*l"), "done")
  pipe:close()
end)

t.case("a killed peer in the middle of a large transfer", function()
  local c, peer = s.serve([[
    say(io.open("/proc/self/stat"):read("*l"):match("^%d+"))
    for _ = 1, 3 do c:send(("x"):rep(1000000)) end
    socket.sleep(30)
  ]])
  local pid = peer:line()
  t.ok(c:receive(100000))
  os.execute("(sleep 0.1; kill -9 " .. pid .. ") &")
  local last, err, partial = c:send(("y"):rep(64 * 1024 * 1024))
  t.equal(last, nil)
  t.equal(err, "closed")
  t.near(partial, 0, 64 * 1024 * 1024)
  local _, err2 = c:receive("*a")
  t.equal(err2 or "closed", "closed")
end)

t.case("descriptors put into objects by number", function()
  local text = t.peer([[
    local socket = require("socket")
    local pipe = io.popen("cat", "w")
    local c = socket.tcp4()
    local own = c:getfd()
    c:settimeout(0.01)
    for _, number in ipairs({ -1, -7, 9999, own + 1, own + 2, 2 ^ 31 - 1, -2 ^ 31, 1e300, -1e300, 0 / 0 }) do
      c:setfd(number)
      for _, name in ipairs({ "connect", "getsockname", "getpeername", "dirty", "getstats", "getoption" }) do
        local ok, err = pcall(c[name], c, name == "getoption" and "keepalive" or "127.0.0.1", 0)
        assert(ok or type(err) == "string")
      end
      pcall(c.receive, c)
      pcall(c.send, c, "x")
      pcall(socket.select, { c }, { c }, 0)
      c:setfd(-1)
    end
    c:setfd(own)
    c:close()
    -- One descriptor in two objects: the second close finds it gone.
    local a, b = socket.tcp4(), socket.tcp()
    b:setfd(a:getfd())
    a:close()
    b:close()
    -- A pipe, and standard input.
    local d = socket.tcp()
    d:settimeout(0.01)
    d:setfd(0)
    pcall(d.getsockname, d)
    pcall(socket.select, { d }, nil, 0)
    d:setfd(-1)
    pipe:close()
    collectgarbage()
    say("alive")
  ]]):finish()
  t.ok(text:find("alive\n", 1, true), text)
end)

t.case("objects used after the state began to close", function()
  local text = t.peer([[
    local socket = require("socket")
    local osn = require("osn")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", tonumber(port)))
    local o = assert(osn.connect({ ip = "127.0.0.1", port = tostring(port) }))
    c:settimeout(0.01)
    server:settimeout(0.01)
    local function last()
      for _, object in ipairs({ c, server, o }) do
        for name, method in pairs(getmetatable(object).__index) do
          if type(method) == "function" and name ~= "accept" and name ~= "receive" and name ~= "settimeout" then
            pcall(method, object, "127.0.0.1", 0)
          end
        end
        pcall(tostring, object)
      end
      for name, f in pairs(socket) do
        if type(f) == "function" and name ~= "sleep" then pcall(f, "127.0.0.1", 0, 0) end
      end
      pcall(require("moonsocket").spawn, function() end)
      io.stdout:write("finalized\n")
    end
    if newproxy then
      keep = newproxy(true)
      getmetatable(keep).__gc = last
    else
      keep = setmetatable({}, { __gc = last })
    end
    say("ending")
    os.exit(0, true)
  ]]):finish()
  t.ok(text:find("ending\n", 1, true), text)
  t.equal(text:find("internal error", 1, true), nil)
end)

t.case("where stdin is closed, no socket has its number", function()
  local text = t.peer_with("exec 0<&-", [[
    local socket = require("socket")
    local emilua, nixio = require("emilua"), require("nixio")
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    local c = assert(socket.connect("127.0.0.1", port))
    local a = assert(server:accept())
    local one, other = socket.socketpair()
    local kept = nixio.socket("inet", "dgram")
    local udp = emilua.ip.udp.socket.new()
    udp:open("v4")
    local released = udp:release()
    local numbers = { server:getfd(), c:getfd(), a:getfd(), one:getfd(), other:getfd(), kept:fileno(),
      tonumber(tostring(released):match("%d+$")), tonumber(tostring(released:dup()):match("%d+$")) }
    for _, number in ipairs(numbers) do assert(number > 2, number) end
    c:send("well\n")
    say(#numbers, a:receive())
  ]]):finish()
  t.ok(text:find("8 well", 1, true), text)
end)
