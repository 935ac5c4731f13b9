-- Whole transfers against another process: sizes, binary data, both roles.

local t, s = ...

local echo = [[
  while true do
    local data, err, part = c:receive(32768)
    local out = data or part
    if #out > 0 then assert(c:send(out)) end
    if err then break end
  end
  c:close()
]]

for _, size in ipairs({ 0, 1, 2, 8191, 8192, 8193, 65536, 500000 }) do
  t.case_for(s.ips, size .. " bytes there and back", function(ip)
    local c, peer = s.serve(echo, ip)
    local data = s.noise(size)
    t.gives(size, nil, nil)(c:send(data))
    t.gives(1)(c:shutdown("send"))
    if size == 0 then
      t.gives(nil, "closed", "")(c:receive("*a"))
    else
      t.gives(data, nil, nil)(c:receive("*a"))
    end
    t.equal(peer:finish(), "")
  end)
end

t.case("eight megabytes to a process that reads all", function()
  local c, peer = s.serve([[
    local data = assert(c:receive("*a"))
    local sum = 0
    for i = 1, #data, 4099 do sum = (sum * 31 + data:byte(i)) % 1000003 end
    say(#data, sum)
  ]])
  local data = s.noise(8 * 1024 * 1024)
  local sum = 0
  for i = 1, #data, 4099 do sum = (sum * 31 + data:byte(i)) % 1000003 end
  t.gives(#data, nil, nil)(c:send(data))
  c:close()
  t.equal(peer:line(), #data .. " " .. sum)
end)

t.case("eight megabytes from a process, by count", function()
  local c, peer = s.serve([[
    local block = ("0123456789abcdef"):rep(4096)
    for _ = 1, 128 do assert(c:send(block)) end
    c:close()
  ]])
  local data = t.ok(c:receive(8 * 1024 * 1024))
  t.equal(data, ("0123456789abcdef"):rep(4096 * 128))
  t.gives(nil, "closed", "")(c:receive(1))
  t.equal(peer:finish(), "")
end)

t.case("eight megabytes from a process, to the end", function()
  local c, peer = s.serve([[
    local block = ("0123456789abcdef"):rep(4096)
    for _ = 1, 128 do assert(c:send(block)) end
    c:close()
  ]])
  t.gives(("0123456789abcdef"):rep(4096 * 128), nil, nil)(c:receive("*a"))
  t.equal(peer:finish(), "")
end)

t.case("ten thousand lines from a process", function()
  local c, peer = s.serve([[
    for i = 1, 10000 do assert(c:send("line " .. i .. "\r\n")) end
    c:close()
  ]])
  for i = 1, 10000 do
    local line = c:receive()
    if line ~= "line " .. i then t.equal(line, "line " .. i) end
  end
  t.gives(nil, "closed", "")(c:receive())
  t.equal(peer:finish(), "")
end)

t.case_for(s.ips, "questions and answers, in the server's role", function(ip)
  local server, port = s.listener(ip)
  local peer = t.peer([[
    local socket = require("socket")
    local ip, port = ...
    local c = assert(socket.connect(ip, tonumber(port)))
    c:settimeout(10)
    for i = 1, 200 do
      assert(c:send("ask " .. i .. "\n"))
      local answer = assert(c:receive())
      assert(answer == "answer " .. i, answer)
    end
    c:close()
    say("done")
  ]], ip, port)
  local a = t.ok(server:accept())
  a:settimeout(s.patience)
  for i = 1, 200 do
    t.gives("ask " .. i, nil, nil)(a:receive())
    t.ok(a:send("answer " .. i .. "\r\n"))
  end
  t.gives(nil, "closed", "")(a:receive())
  t.equal(peer:line(), "done")
end)

t.case("a chain of counted messages", function()
  local c, peer = s.serve([[
    while true do
      local n = c:receive()
      if not n then break end
      local body = assert(c:receive(n))
      assert(c:send(#body .. "\n" .. body))
    end
    c:close()
  ]])
  for n = 1, 3000, 149 do
    local body = s.noise(n)
    c:send(n .. "\r\n" .. body)
    t.gives(tostring(n), nil, nil)(c:receive())
    t.gives(body, nil, nil)(c:receive(n))
  end
  c:close()
  t.equal(peer:finish(), "")
end)

t.case("two processes that talk through us", function()
  local left, one = s.serve("for i = 1, 100 do c:send(('L'):rep(i) .. '\\n') end c:close()")
  local right, two = s.serve("local n = 0 while true do local l = c:receive() if not l then break end n = n + #l end say(n)")
  while true do
    local line, err = left:receive()
    if not line then
      t.equal(err, "closed")
      break
    end
    t.ok(right:send(line .. "\n"))
  end
  right:close()
  t.equal(two:line(), "5050")
  t.equal(one:finish(), "")
end)
