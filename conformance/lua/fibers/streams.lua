-- receive and send in fibers: the results are those of a call outside.

local t, s = ...
local socket = s.socket

t.case_for(s.ips, "two fibers play ping-pong", function(ip)
  local a, b = s.pair(ip)
  local count = 0
  s.run(function()
    for i = 1, 500 do
      t.gives(#tostring(i) + 1, nil, nil)(a:send(i .. "\n"))
      t.gives("re " .. i, nil, nil)(a:receive())
    end
    a:close()
  end, function()
    for _ = 1, 500 do
      local line = t.ok(b:receive())
      count = count + 1
      b:send("re " .. line .. "\n")
    end
    t.gives(nil, "closed", "")(b:receive())
  end)
  t.equal(count, 500)
end)

t.case("every pattern that has to wait", function()
  local c, peer = s.pair()
  s.run(function()
    t.gives("one", nil, nil)(c:receive())
    t.gives("two", nil, nil)(c:receive("*l"))
    t.gives("abcdef", nil, nil)(c:receive(6))
    t.gives("<xyz", nil, nil)(c:receive(4, "<"))
    t.gives("pre:line", nil, nil)(c:receive("*l", "pre:"))
    t.gives("all the rest", nil, nil)(c:receive("*a"))
    t.gives(nil, "closed", "")(c:receive("*a"))
    t.gives(nil, "closed", "")(c:receive())
  end, function()
    for _, part in ipairs({ "o", "ne\n", "two\r", "\n", "abc", "def", "xy", "z", "li", "ne\n", "all ",
      "the ", "rest" }) do
      socket.sleep(0.003)
      peer:send(part)
    end
    socket.sleep(0.003)
    peer:close()
  end)
end)

t.case("a partial result at the end of the stream", function()
  local c, peer = s.pair()
  s.run(function()
    t.gives(nil, "closed", "almost")(c:receive(100))
    t.gives(nil, "closed", "")(c:receive(100))
  end, function()
    socket.sleep(0.003)
    peer:send("alm")
    socket.sleep(0.003)
    peer:send("ost")
    peer:close()
  end)
end)

t.case("partial line, prefix and resume after a limit", function()
  local c, peer = s.pair()
  s.run(function()
    c:settimeout(0.02)
    t.gives(nil, "timeout", "half a ")(c:receive())
    c:settimeout(5)
    t.gives("half a line", nil, nil)(c:receive("*l", "half a "))
  end, function()
    socket.sleep(0.002)
    peer:send("half a ")
    socket.sleep(0.05)
    peer:send("line\n")
  end)
end)

t.case("a capped receive", function()
  local c, peer = s.pair()
  s.run(function()
    t.gives(nil, "oversized", "12345")(c:receive("*l", nil, 5))
    t.gives("678", nil, nil)(c:receive("*l", nil, 5))
  end, function()
    socket.sleep(0.002)
    peer:send("12345678\n")
  end)
end)

t.case("errors of arguments are raised in fibers too", function()
  local c, peer = s.pair()
  s.run(function()
    t.raises(function() local r = c:receive("*x") return r, 1 end,
      "bad argument #1 to 'receive' (invalid receive pattern)")
    t.raises_like(function() c:send() end, "string expected, got no value")
    t.raises_like(function() c:send({}) end, "string expected, got table")
  end)
end)

t.case("send gives the last index, ranges included", function()
  local c, peer = s.pair()
  s.run(function()
    t.gives(5, nil, nil)(c:send("hello"))
    t.gives(4, nil, nil)(c:send("hello", 2, 4))
    t.gives(5, nil, nil)(c:send("hello", -2))
    t.gives(3, nil, nil)(c:send("hello", 4, 2))
    t.gives(0, nil, nil)(c:send(""))
    t.gives(2, nil, nil)(c:send(42))
    c:close()
  end, function()
    t.gives("helloelllo42", nil, nil)(peer:receive("*a"))
  end)
end)

t.case("a send larger than the socket buffers, read slowly, byte for byte", function()
  local c, peer = s.pair()
  local data = s.noise(8 * 1024 * 1024 + 13)
  local parts = {}
  s.run(function()
    t.gives(#data - 1, nil, nil)(c:send(data, 2, -2))
    t.gives(3, nil, nil)(c:send("end"))
    c:close()
  end, function()
    local x = 77
    while true do
      x = x * 16807 % 2147483647
      local part, err, rest = peer:receive(1 + x % 300000)
      parts[#parts + 1] = part or rest
      if err then
        t.equal(err, "closed")
        break
      end
      if x % 8 == 0 then socket.sleep(0.001) end
    end
  end)
  t.equal(table.concat(parts) == data:sub(2, -2) .. "end", true)
end)

t.case("two fibers that send parts on one socket each get their own last index", function()
  local a, b = s.pair()
  local data = ("0123456789"):rep(400000)
  s.run(function()
    t.gives(#data, nil, nil)(a:send(data, 5))
  end, function()
    t.gives(#data - 1, nil, nil)(a:send(data, 100, -2))
    a:close()
  end, function()
    local size = 0
    repeat
      local part, err, rest = b:receive(65536)
      size = size + #(part or rest)
    until err
    t.equal(size, #data - 4 + #data - 100)
  end)
  b:close()
end)

t.case("a send that its limit ends says how much went", function()
  local c, peer = s.pair()
  local data = s.noise(16 * 1024 * 1024)
  local got
  s.run(function()
    c:settimeout(0.05)
    local last, err, partial = t.results(3, c:send(data, 11))
    t.equal(last, nil)
    t.equal(err, "timeout")
    t.near(partial, 11, #data - 1)
    got = partial
    c:close()
  end, function()
    socket.sleep(0.1)
    local all = t.ok(peer:receive("*a"))
    t.equal(all == data:sub(11, got), true)
  end)
end)

t.case("both directions of one socket at once", function()
  local a, b = s.pair()
  local data = s.noise(3 * 1024 * 1024)
  local function write(c)
    t.gives(#data, nil, nil)(c:send(data))
    t.gives(1)(c:shutdown("send"))
  end
  local function read(c) t.equal(t.ok(c:receive("*a")) == data, true) end
  for _, c in ipairs({ a, b }) do
    s.spawn(write, c)
    s.spawn(read, c)
  end
  s.run()
end)

t.case("statistics count what fibers moved", function()
  local c, peer = s.pair()
  s.run(function()
    c:receive()
    c:send("12345")
  end, function()
    socket.sleep(0.002)
    peer:send("line\n")
    peer:receive(5)
  end)
  local received, sent = c:getstats()
  t.equal(received, 5)
  t.equal(sent, 5)
end)

t.case("binary data with every byte value", function()
  local c, peer = s.pair()
  local data = s.noise(70000)
  s.run(function()
    t.equal(c:receive(#data) == data, true)
  end, function()
    for i = 1, #data, 10007 do
      peer:send(data, i, math.min(#data, i + 10006))
      socket.sleep(0.001)
    end
  end)
end)

t.case("a process at the other end", function()
  local c, peer = s.serve([[
    for i = 1, 20 do
      socket.sleep(0.002)
      c:send("line " .. i .. "\n")
    end
  ]])
  local turns
  s.run(function()
    turns = s.turns(function()
      for i = 1, 20 do t.gives("line " .. i, nil, nil)(c:receive()) end
    end)
    t.gives(nil, "closed", "")(c:receive())
  end)
  t.ok(turns > 0, "others ran meanwhile")
  t.equal(peer:finish(), "")
end)
