-- receive: size, "BLOCK", seconds; end of stream.

local t, s = ...

t.case_for(s.ips, "what is there, up to the size", function(ip)
  local c, peer = s.pair(ip)
  peer:send("hello world")
  t.gives("hello")(c:receive(5))
  t.gives(" world")(c:receive(100))
end)

t.case("at least one byte, without waiting for more", function()
  local c, peer = s.pair()
  peer:send("x")
  local took = t.elapsed(function() t.gives("x")(c:receive(1000)) end)
  t.near(took, 0, 1)
end)

t.case("the end of the stream, again and again", function()
  local c, peer = s.pair()
  peer:send("last")
  peer:close()
  t.gives("last")(c:receive(100))
  for _ = 1, 3 do t.gives(nil, "closed")(c:receive(100)) end
  t.gives(nil, "closed")(c:receive(100, "BLOCK"))
  t.gives(nil, "closed")(c:receive(100, 1))
end)

t.case("a long poll that runs out, and the socket is good afterwards", function()
  local c, peer = s.pair()
  for _, limit in ipairs({ 0.05, 1 }) do
    local took = t.elapsed(function() t.gives("", "timeout")(c:receive(10, limit)) end)
    t.near(took, limit - s.slack, limit + 0.5)
  end
  peer:send("data")
  t.gives("data")(c:receive(10, 1))
  t.gives(4)(c:send("back"))
  t.gives("back")(peer:receive(10))
end)

t.case("a long poll ends when data comes", function()
  local c, peer = s.serve([[
    sleep(0.15)
    c:send("late")
    c:receive(1)
  ]])
  local took = t.elapsed(function() t.gives("late")(c:receive(10, 8)) end)
  t.near(took, 0.02, 4)
  c:close()
  t.equal(peer:finish(), "")
end)

t.case("BLOCK waits on", function()
  local c, peer = s.serve([[
    sleep(0.15)
    c:send("late")
    c:receive(1)
  ]])
  t.gives("late")(c:receive(10, "BLOCK"))
  c:close()
  t.equal(peer:finish(), "")
end)

t.case("a limit as text reads as a number", function()
  local c, a = s.pair()
  t.gives("", "timeout")(c:receive(10, "0.02"))
  a:close()
end)

t.case("limits that are none", function()
  local c = s.pair()
  for _, limit in ipairs({ 0, -1, 0 / 0, "x", "block", "-1" }) do
    t.gives(nil, '"BLOCK" or a positive number of seconds expected')(c:receive(10, limit))
  end
  for _, limit in ipairs({ {}, true, print }) do
    t.raises_like(function() c:receive(10, limit) end, "bad argument #2 to 'receive'")
  end
end)

t.case("sizes that are none", function()
  local c = s.pair()
  for _, size in ipairs({ 0, -1, 0.5, 0 / 0, -math.huge }) do
    t.gives(nil, "positive size expected")(c:receive(size))
  end
  t.raises_like(function() c:receive() end, "number expected")
  t.raises_like(function() c:receive("x") end, "number expected")
  t.raises_like(function() c:receive({}) end, "number expected")
end)

t.case("huge sizes take no memory in advance", function()
  local c, peer = s.pair()
  for _, size in ipairs({ 2 ^ 31, 2 ^ 40, 2 ^ 53, 1e300, math.huge }) do
    peer:send("abc")
    t.gives("abc")(c:receive(size))
  end
end)

t.case("binary data in pieces", function()
  local c, peer = s.serve([[
    local parts, size = {}, 0
    while true do
      local part, err = c:receive(7777)
      if not part then say(err, size) break end
      size = size + #part
      parts[#parts + 1] = part
    end
    local sum = 0
    for _, part in ipairs(parts) do
      for i = 1, #part do sum = (sum * 31 + part:byte(i)) % 1000000007 end
    end
    say(sum)
  ]])
  local data, sum = s.noise(256 * 1024), 0
  for i = 1, #data do sum = (sum * 31 + data:byte(i)) % 1000000007 end
  t.gives(#data)(c:send(data))
  c:close()
  t.equal(peer:line(), "closed " .. #data)
  t.equal(peer:line(), tostring(sum):gsub("%.0$", "") .. "")
end)

t.case("a reset is an end", function()
  local socket = require("moonsocket").socket
  local server, port = s.listener()
  local other = t.ok(socket.connect("127.0.0.1", port))
  local a = t.ok(server:accept())
  other:setoption("linger", { on = true, timeout = 0 })
  other:close()
  local none, err = a:receive(10)
  t.equal(none, nil)
  t.equal(err, "closed")
end)
